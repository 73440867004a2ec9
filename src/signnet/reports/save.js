// Saves a file; it stands before the scripts of the reports and of the review page.
"use strict";
const PATIENCE = 60_000; // milliseconds in which the browser must have begun to write a file

function saveFile(text, type, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), PATIENCE);
}
