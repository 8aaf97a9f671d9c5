/** What YubiKeys since 5.3 tell of a slot's key: GET METADATA (Yubico PIV commands, "Get metadata"), tag 04 the public key. */
import { CertPropError } from '../errors.js';
import type { SmartCardConnection } from '../pcsc/reader.js';
import { sendCommand } from './apdu.js';
import type { CardPublicKey } from './application.js';
import type { PivSlot } from './piv-slots.js';
import { publicKeyIn } from './public-key-template.js';
import { statusWords } from './status-word.js';
import { findValue, parseDataObjects } from './tlv.js';

const publicKeyTag = 0x04;

/** `Unknown`: the card doesn't know the command. Null: it gives no key for this slot. */
export async function readSlotKey(
  card: SmartCardConnection,
  { name }: PivSlot,
): Promise<CardPublicKey | 'Unknown' | null> {
  const command = { cla: 0x00, ins: 0xf7, p1: 0x00, p2: Number.parseInt(name, 16), le: 256 };
  const { data, statusWord } = await sendCommand(card, command);
  if (statusWord === statusWords.instructionNotSupported) return 'Unknown';
  return statusWord === statusWords.ok ? keyIn(data) : null;
}

function keyIn(metadata: Uint8Array): CardPublicKey | null {
  try {
    const template = findValue(parseDataObjects(metadata), publicKeyTag);
    return template === null ? null : publicKeyIn(template);
  } catch (error) {
    if (error instanceof CertPropError) return null;
    throw error;
  }
}
