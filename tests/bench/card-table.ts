/** What was measured of each way to read a card, and what it has to keep. */
import { toolsOf, type CardContenders, type CardSample, type ToolContender } from './card-contenders.js';
import type { BenchCard } from './cards.js';
import { median, range, table, type Contender, type Requirement } from './measure.js';

/** The part of pkcs11-tool's APDUs that CertProp may take, unless that is less than what has to be moved and a few more. */
const allowedPartOfApdus = 0.5;
const allowedAboveFloor = 5;
/** The part of pkcs11-tool's time on a slow card. */
const allowedPartOfTime = 0.55;

const bytesPerApdu = 256;

/** The APDUs that no reader can do without: one SELECT, and the certificates in answers of full length. */
export function floorOf({ storedBytes }: BenchCard): number {
  return 1 + Math.ceil(storedBytes / bytesPerApdu);
}

export function floorLine(card: BenchCard): string {
  return `floor: ${floorOf(card)} APDUs (${card.storedBytes} bytes of certificates / ${bytesPerApdu} per APDU, and 1 SELECT)`;
}

export function cardTable(all: CardContenders): string {
  const { pkcs11, certificates, coldCertificates, plan, roots } = all;
  const tools = toolsOf(all);
  const inTool = milliseconds(pkcs11.reading) - startMilliseconds(pkcs11);

  function row(each: Contender<CardSample>, start: number): string[] {
    const withoutStart = milliseconds(each) - start;
    return [
      each.name,
      commands(each).toFixed(0),
      (commands(each) / commands(pkcs11.reading)).toFixed(2),
      milliseconds(each).toFixed(1),
      range(each.samples.map((sample) => sample.milliseconds)),
      (milliseconds(each) / milliseconds(pkcs11.reading)).toFixed(2),
      withoutStart.toFixed(1),
      (withoutStart / inTool).toFixed(2),
    ];
  }

  return table([
    ['', 'APDUs', 'ratio', 'ms', 'range', 'ratio', 'without start', 'ratio'],
    ...tools.map((tool) => row(tool.reading, startMilliseconds(tool))),
    ...[certificates, plan, roots].map((each) => row(each, 0)),
    ...[coldCertificates, ...tools.map(({ start }) => start)].map((each) => row(each, 0).slice(0, 6)),
  ]);
}

export function cardRequirements(
  card: BenchCard,
  { pkcs11, certificates }: CardContenders,
  delay: number,
  timeCounts: boolean,
): Requirement[] {
  const where = `${card.name}, ${delay} ms per APDU`;
  const half = allowedPartOfApdus * commands(pkcs11.reading);
  const aboveFloor = floorOf(card) + allowedAboveFloor;
  const apdus = {
    what: `${where}: CertProp's APDUs; half of pkcs11-tool's: ${half}, floor + ${allowedAboveFloor}: ${aboveFloor}`,
    measured: commands(certificates),
    limit: Math.max(half, aboveFloor),
  };
  const time = {
    what: `${where}: CertProp's time over that of pkcs11-tool`,
    measured: milliseconds(certificates) / milliseconds(pkcs11.reading),
    limit: allowedPartOfTime,
  };
  return timeCounts ? [apdus, time] : [apdus];
}

function commands({ samples }: Contender<CardSample>): number {
  return median(samples.map((sample) => sample.commands));
}

function milliseconds({ samples }: Contender<CardSample>): number {
  return median(samples.map((sample) => sample.milliseconds));
}

function startMilliseconds({ start, starts }: ToolContender): number {
  return starts * milliseconds(start);
}
