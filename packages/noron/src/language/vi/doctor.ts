import type { doctor as english } from "../en/doctor.ts";
import type { Translated } from "../translated.ts";

export const doctor: Translated<typeof english> = {
  engine: "môi trường chạy",
  machine: "máy",
  unknownProcessor: "không rõ",
  machineIs: "{{processor}}, {{cores}} nhân, {{memory}} GiB",
  products: "nhân ma trận bằng",
  blas: "{{blas}} (ma trận lớn), WebAssembly",
  multiplyAdd: "nhân cộng",
  relaxed: "trong một lệnh (relaxed SIMD)",
  notRelaxed: "trong hai lệnh",
  threads: "luồng",
  oneThread: "1, vì {{reason}}",
  product: "tích cỡ {{size}}³",
  speed_other: "{{gigaflops}} GFLOP/s với {{count}} luồng",
  faster: "để nhanh hơn: {{advice}}",
  unsetBlas: "bỏ biến NORON_BLAS, nó đang tắt BLAS",
  installKoffi: "chạy npm install koffi, với OpenBLAS, MKL hoặc Accelerate trên máy, để nhân ma trận nhanh gấp đôi",
  newerNode: "dùng Node 20.19 trở lên, WebAssembly của nó có relaxed SIMD",
  moreThreads: "NORON_THREADS là {{threads}}; máy có {{cores}} nhân",
};
