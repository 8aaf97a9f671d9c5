/** What was measured of each way to read a card, and what it has to keep. */
import type { CardContenders, CardSample } from './card-contenders.js';
import { median, range, table, type Contender, type Requirement } from './measure.js';

/** The part of pkcs11-tool's APDUs, and of its time on a slow card, that CertProp may take. */
const allowedPart = 0.5;

export function cardTable(all: CardContenders): string {
  const { pkcs11, pkcs11Start, pkcs15, pkcs15Start, certificates, coldCertificates, plan, roots } = all;
  const inTool = milliseconds(pkcs11) - milliseconds(pkcs11Start);

  function row(each: Contender<CardSample>, start: number): string[] {
    const withoutStart = milliseconds(each) - start;
    return [
      each.name,
      commands(each).toFixed(0),
      (commands(each) / commands(pkcs11)).toFixed(2),
      milliseconds(each).toFixed(1),
      range(each.samples.map((sample) => sample.milliseconds)),
      (milliseconds(each) / milliseconds(pkcs11)).toFixed(2),
      withoutStart.toFixed(1),
      (withoutStart / inTool).toFixed(2),
    ];
  }

  return table([
    ['', 'APDUs', 'ratio', 'ms', 'range', 'ratio', 'without start', 'ratio'],
    row(pkcs11, milliseconds(pkcs11Start)),
    row(pkcs15, milliseconds(pkcs15Start)),
    ...[certificates, plan, roots].map((each) => row(each, 0)),
    ...[coldCertificates, pkcs11Start, pkcs15Start].map((each) => row(each, 0).slice(0, 6)),
  ]);
}

export function cardRequirements(
  { pkcs11, certificates }: CardContenders,
  delay: number,
  timeCounts: boolean,
): Requirement[] {
  const apdus = {
    what: `${delay} ms per APDU: CertProp's APDUs over those of pkcs11-tool`,
    measured: commands(certificates) / commands(pkcs11),
    limit: allowedPart,
  };
  const time = {
    what: `${delay} ms per APDU: CertProp's time over that of pkcs11-tool`,
    measured: milliseconds(certificates) / milliseconds(pkcs11),
    limit: allowedPart,
  };
  return timeCounts ? [apdus, time] : [apdus];
}

function commands({ samples }: Contender<CardSample>): number {
  return median(samples.map((sample) => sample.commands));
}

function milliseconds({ samples }: Contender<CardSample>): number {
  return median(samples.map((sample) => sample.milliseconds));
}
