/** Runs between two looks at how long a plan takes one thread. */
const SHARED_RUNS = 64;
/** Runs by which sharing is tried again, and after how many runs of one thread: each failure doubles them. */
const TRIAL_RUNS = 3;
const FIRST_PENALTY = 16;
const LONGEST_PENALTY = 512;

/**
 * Decides, run by run, whether a plan is shared among threads, by how long its runs took: where other programs need
 * the cores, or the plan gains nothing, one thread is faster than several that wait for each other.
 */
export class Pace {
  private mode: "shared" | "trial" | "alone" | "look" = "shared";
  private left = SHARED_RUNS;
  private penalty = FIRST_PENALTY;
  private sharedTime = 0;
  private aloneTime: number | null = null;

  /** Whether the next run should be shared. */
  get shares(): boolean {
    return this.mode === "shared" || this.mode === "trial";
  }

  /** Takes in how long a run took. */
  record(shared: boolean, time: number): void {
    if (!shared) this.aloneTime = this.aloneTime === null ? time : this.aloneTime + (time - this.aloneTime) / 4;
    // A run that could not be shared although it should have been says nothing of sharing.
    if (shared !== this.shares) return;
    if (shared) this.recordShared(time);
    if (--this.left > 0) return;
    if (this.mode === "trial") {
      if (this.aloneTime !== null && this.sharedTime > this.aloneTime) this.penalize();
      else {
        this.penalty = FIRST_PENALTY;
        this.enter("shared", SHARED_RUNS);
      }
    } else if (this.mode === "shared") this.enter("look", 1);
    else if (this.mode === "look") this.enter("shared", SHARED_RUNS);
    else this.enter("trial", TRIAL_RUNS);
  }

  private recordShared(time: number): void {
    if (this.sharedTime === 0) this.sharedTime = time;
    else if (this.mode === "trial") this.sharedTime = Math.min(this.sharedTime, time);
    // A single interruption, however long, should not end the sharing.
    else this.sharedTime += (Math.min(time, 2 * (this.aloneTime ?? time)) - this.sharedTime) / 8;
    if (this.mode === "shared" && this.aloneTime !== null && this.sharedTime > this.aloneTime) this.penalize();
  }

  private penalize(): void {
    this.enter("alone", this.penalty);
    this.penalty = Math.min(LONGEST_PENALTY, 2 * this.penalty);
  }

  private enter(mode: Pace["mode"], runs: number): void {
    if (mode === "trial") this.sharedTime = 0;
    this.mode = mode;
    this.left = runs;
  }
}
