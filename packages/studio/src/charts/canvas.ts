/** A canvas with as many pixels as its place on the screen has, to be drawn on in CSS pixels. */
export function fitCanvas(canvas: HTMLCanvasElement): {
  context: CanvasRenderingContext2D;
  width: number;
  height: number;
} {
  const ratio = Math.min(2, devicePixelRatio || 1);
  const { clientWidth: width, clientHeight: height } = canvas;
  const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== across || canvas.height !== down) {
    canvas.width = across;
    canvas.height = down;
  }
  const context = canvas.getContext("2d")!;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return { context, width, height };
}

/** Calls `draw` whenever an element's size changes; gives what ends that. */
export function onResize(element: Element, draw: () => void): () => void {
  const observer = new ResizeObserver(draw);
  observer.observe(element);
  return () => observer.disconnect();
}
