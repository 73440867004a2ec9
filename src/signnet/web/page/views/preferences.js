// Small choices that outlast a visit, where the browser allows it.

export function isKept(name, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(`signnet ${name}`)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

export function keep(name, value) {
  try {
    localStorage.setItem(`signnet ${name}`, JSON.stringify(value));
  } catch {
    // it then lasts as long as the page
  }
}
