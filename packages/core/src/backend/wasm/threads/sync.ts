import { engineMemory } from "../../memory.ts";
import { type FunctionBuilder, I32, ModuleBuilder } from "../assembler.ts";
import { EngineModule } from "../modules.ts";
import { ADDRESS, WORKER } from "./control.ts";

/** After a minute at one barrier the other threads are taken for dead. */
const PATIENCE_SECONDS = 60;
const SECOND = 1_000_000_000n;

let module: EngineModule | null = null;

/**
 * The functions by which threads wait for each other:
 * - barrier(threads): returns once all threads have come; traps when one has failed;
 * - wait(line, seen): of a worker, returns its wake word once that is not `seen`;
 * - spin(turns): as many turns of the loop that both wait in, to be timed.
 *
 * Who waits spins for a while, since a sleep and its end cost tens of microseconds, and then sleeps.
 */
export function synchronization(): EngineModule {
  module ??= new EngineModule(syncModule(), {});
  return module;
}

function syncModule(): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory(engineMemory().limits);
  const barrier = emitBarrier(module);
  const wait = emitWait(module);
  const spin = module.function([I32]);
  const at = spin.local(I32);
  spin.i32(ADDRESS.generation).set(at).loop();
  spin.get(at).atomic("i32.atomic.load").i32(-1).op("i32.eq").if().return().end();
  spin.get(0).i32(1).op("i32.sub").tee(0).branchIf(0).end();
  module.export("barrier", barrier);
  module.export("wait", wait);
  module.export("spin", spin);
  return module.bytes();
}

function emitBarrier(module: ModuleBuilder): FunctionBuilder {
  const fn = module.function([I32]);
  const threads = 0;
  const [generation, left, seconds] = [fn.local(I32), fn.local(I32), fn.local(I32)];
  const add = (address: number, value: number) => fn.i32(address).i32(value).atomic("i32.atomic.rmw.add");
  const load = (address: number) => fn.i32(address).atomic("i32.atomic.load");
  fn.get(threads).i32(1).op("i32.eq").if().return().end();
  load(ADDRESS.generation).set(generation);
  add(ADDRESS.arrived, 1).i32(1).op("i32.add").get(threads).op("i32.eq").if();
  fn.i32(ADDRESS.arrived).i32(0).atomic("i32.atomic.store");
  add(ADDRESS.generation, 1).drop();
  load(ADDRESS.sleepers).if();
  fn.i32(ADDRESS.generation).i32(-1).atomic("memory.atomic.notify").drop();
  fn.end();
  fn.return();
  fn.end();
  load(ADDRESS.barrierSpins).set(left);
  fn.loop();
  load(ADDRESS.generation).get(generation).op("i32.ne").if().return().end();
  fn.get(left).i32(1).op("i32.sub").tee(left).branchIf(0).end();
  add(ADDRESS.sleepers, 1).drop();
  fn.loop();
  load(ADDRESS.abort).if().unreachable().end();
  // 2 says that the time is over.
  fn.i32(ADDRESS.generation).get(generation).i64(SECOND).atomic("memory.atomic.wait32").i32(2).op("i32.eq").if();
  fn.get(seconds).i32(1).op("i32.add").tee(seconds).i32(PATIENCE_SECONDS).op("i32.ge_s").if();
  fn.i32(ADDRESS.abort).i32(1).atomic("i32.atomic.store");
  fn.end();
  fn.end();
  load(ADDRESS.generation).get(generation).op("i32.eq").branchIf(0).end();
  add(ADDRESS.sleepers, -1).drop();
  return fn;
}

function emitWait(module: ModuleBuilder): FunctionBuilder {
  const fn = module.function([I32, I32], [I32]);
  const [line, seen] = [0, 1];
  const [left, value] = [fn.local(I32), fn.local(I32)];
  fn.i32(ADDRESS.idleSpins).atomic("i32.atomic.load").set(left);
  fn.loop();
  fn.get(line).atomic("i32.atomic.load", WORKER.wake).tee(value).get(seen).op("i32.ne").if().get(value).return().end();
  fn.get(left).i32(1).op("i32.sub").tee(left).branchIf(0).end();
  fn.get(line).i32(1).atomic("i32.atomic.store", WORKER.asleep);
  fn.loop();
  fn.get(line).get(seen).i64(-1n).atomic("memory.atomic.wait32", WORKER.wake).drop();
  fn.get(line).atomic("i32.atomic.load", WORKER.wake).tee(value).get(seen).op("i32.eq").branchIf(0).end();
  fn.get(line).i32(0).atomic("i32.atomic.store", WORKER.asleep);
  fn.get(value);
  return fn;
}
