/**
 * A second implementation of level A with DSP, written to be obviously right: it advances one millisecond of the
 * guest's time at a time and spells the policy out. It shares no code with the simulator.
 */
export interface NaivePhase {
  readonly baseS: number;
  readonly instructions: number;
  readonly tlbMisses: number;
  readonly pageFaults: number;
}

export interface NaiveCosts {
  readonly missNs: number;
  readonly faultUs: number;
  readonly toShadowMs: number;
  readonly extraMissesPerFault: number;
}

const stepS = 0.001;

export function naiveDsp(
  phases: readonly NaivePhase[],
  costs: NaiveCosts,
  intervalS: number,
): { seconds: number; spSeconds: number; switches: number } {
  let seconds = 0;
  let spSeconds = 0;
  let switches = 0;
  let mode = "HAP";
  let instructions = 0;
  let misses = 0;
  let faults = 0;
  const missHistory: number[] = [];
  const faultHistory: number[] = [];
  let nextSample = intervalS;
  for (const phase of phases) {
    let done = 0;
    while (done < 1) {
      const phaseSeconds =
        mode === "HAP"
          ? phase.baseS + phase.tlbMisses * costs.missNs * 1e-9
          : phase.baseS + phase.pageFaults * costs.faultUs * 1e-6;
      const part = stepS / phaseSeconds;
      done += part;
      seconds += stepS;
      if (mode === "SP") spSeconds += stepS;
      instructions += phase.instructions * part;
      faults += phase.pageFaults * part;
      misses += phase.tlbMisses * part;
      if (mode === "SP") misses += phase.pageFaults * part * costs.extraMissesPerFault;
      if (seconds < nextSample - stepS / 2) continue;
      nextSample += intervalS;

      const fpf = faults / (instructions / 1000);
      const ftlb = misses / (instructions / 1000);
      instructions = misses = faults = 0;
      missHistory.push(ftlb);
      faultHistory.push(fpf);
      const lastMisses = missHistory.slice(-3).reduce((a, b) => a + b, 0);
      const lastFaults = faultHistory.slice(-3).reduce((a, b) => a + b, 0);
      let wanted = mode;
      if (ftlb > 10 && fpf < 4000e-7) wanted = "SP";
      else if (fpf > 5000e-7 && ftlb < 8) wanted = "HAP";
      else if (ftlb < 0.1 && fpf < 100e-7) wanted = mode;
      else if (ftlb === 0 || lastMisses === 0) wanted = "HAP";
      else if (lastFaults / lastMisses > 200e-7 && fpf / ftlb > 200e-7) wanted = "HAP";
      else if (lastFaults / lastMisses < 150e-7 && fpf / ftlb < 150e-7) wanted = "SP";
      if (wanted !== mode) {
        mode = wanted;
        switches++;
        if (mode === "SP") {
          seconds += costs.toShadowMs / 1000;
          spSeconds += costs.toShadowMs / 1000;
        }
      }
    }
  }
  return { seconds, spSeconds, switches };
}
