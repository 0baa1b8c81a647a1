/** Grey pixels, 0 to 255, row by row, as an address that holds the picture itself (a Windows bitmap of 8 bits). */
export function pictureAddress(pixels: Uint8Array, height: number, width: number): string {
  const stride = Math.ceil(width / 4) * 4;
  const start = 54 + 4 * 256;
  const bytes = new Uint8Array(start + stride * height);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0x424d);
  view.setUint32(2, bytes.length, true);
  view.setUint32(10, start, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, width, true);
  // Below zero: the first row is on top.
  view.setInt32(22, -height, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, 8, true);
  view.setUint32(34, stride * height, true);
  view.setUint32(46, 256, true);
  for (let shade = 0; shade < 256; shade++) bytes.fill(shade, 54 + 4 * shade, 57 + 4 * shade);
  for (let row = 0; row < height; row++)
    bytes.set(pixels.subarray(row * width, (row + 1) * width), start + row * stride);
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return `data:image/bmp;base64,${btoa(text)}`;
}
