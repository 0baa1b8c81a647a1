/**
 * A picture as an address that holds it itself: a Windows bitmap of 24 bits.
 * @param pixels [channels × height × width], 0 to 255: grey, or red, green and blue
 */
export function pictureAddress(
  pixels: Uint8Array,
  { height, width, channels }: { height: number; width: number; channels: 1 | 3 },
): string {
  const stride = Math.ceil((3 * width) / 4) * 4;
  const start = 54;
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
  view.setUint16(28, 24, true);
  view.setUint32(34, stride * height, true);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let byte = 0; byte < 3; byte++) {
        // Blue comes first.
        const channel = channels === 1 ? 0 : 2 - byte;
        bytes[start + y * stride + 3 * x + byte] = pixels[(channel * height + y) * width + x];
      }
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return `data:image/bmp;base64,${btoa(text)}`;
}
