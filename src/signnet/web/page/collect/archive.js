// Many files in one download: a zip archive without packing, since films are packed already.

const LOCAL = 0x04034b50;
const ENTRY = 0x02014b50;
const END = 0x06054b50;
const UTF8 = 0x0800; // names are UTF-8
const DAY = 0x5c21; // 1 January 2026; a file needs some date

const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function checksum(bytes) {
  let value = ~0;
  for (const byte of bytes) value = TABLE[(value ^ byte) & 255] ^ (value >>> 8);
  return ~value >>> 0;
}

/**
 * Put files into a zip archive; their contents are read one by one.
 *
 * @param {{name: string, content: Blob}[]} files at most 65,535, below 4 GiB together
 * @returns {Promise<Blob>}
 */
export async function zip(files) {
  const parts = [];
  const entries = [];
  let offset = 0;
  for (const { name, content } of files) {
    const sum = checksum(new Uint8Array(await content.arrayBuffer()));
    const encoded = new TextEncoder().encode(name);
    const facts = [20, UTF8, 0, 0, DAY, [sum], [content.size], [content.size], encoded.length, 0];
    parts.push(fields([[LOCAL], ...facts]), encoded, content);
    entries.push(fields([[ENTRY], 20, ...facts, 0, 0, 0, [0], [offset]]), encoded);
    offset += 30 + encoded.length + content.size;
  }
  const size = entries.reduce((sum, { length }) => sum + length, 0);
  const end = fields([[END], 0, 0, files.length, files.length, [size], [offset], 0]);
  return new Blob([...parts, ...entries, end], { type: "application/zip" });
}

/** Write numbers in two bytes each, those in brackets in four, little-endian. */
function fields(values) {
  const size = values.reduce((sum, value) => sum + (Array.isArray(value) ? 4 : 2), 0);
  const view = new DataView(new ArrayBuffer(size));
  let place = 0;
  for (const value of values) {
    if (Array.isArray(value)) view.setUint32(place, value[0], true);
    else view.setUint16(place, value, true);
    place += Array.isArray(value) ? 4 : 2;
  }
  return new Uint8Array(view.buffer);
}
