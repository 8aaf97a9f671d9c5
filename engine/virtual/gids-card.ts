/**
 * A virtual GIDS card (Generic Identity Device Specification 2.0): the application's commands over its state.
 * It keeps no private keys, so that it can be written, listed and read, but not sign.
 */
import type { VirtualCard } from '../pcsc/embedded.js';
import { generalAuthenticate, manageSecurityEnvironment } from './admin.js';
import { newSession, type CardSession, type CardState } from './card-state.js';
import { CardStatus, statusWord, type Command } from './command.js';
import { getData, putData } from './data-objects.js';
import { activateFile, createFile, deleteFile, select } from './files.js';
import { generateKey } from './keys.js';
import { changeReferenceData, resetRetryCounter, verify } from './pin.js';
import { transport } from './transport.js';

export interface GidsCard extends VirtualCard {
  /** What the card keeps; changes as commands are answered. */
  readonly state: CardState;
}

/** A card with power and this state; the caller sends one command at a time. */
export function gidsCard(state: CardState): GidsCard {
  let session = newSession();
  const line = transport(state.extendedLength, (command) => answer(state, session, command));
  return {
    state,
    atr: state.atr,
    transmit: (command) => line.transmit(command),
    reset() {
      session = newSession();
      line.reset();
    },
  };
}

/** GENERATE without Le answers the status word only. */
async function answer(state: CardState, session: CardSession, command: Command): Promise<Uint8Array> {
  switch (command.ins) {
    case 0x87:
      return generalAuthenticate(session, command);
    case 0xa4:
      return select(state, session, command);
    case 0xcb:
      return getData(state, session, command);
    case 0x47: {
      const publicKey = await generateKey(state, session, command);
      return command.le === null ? new Uint8Array() : publicKey;
    }
    default:
      perform(state, session, command);
      return new Uint8Array();
  }
}

/** The commands that answer a status word only. */
function perform(state: CardState, session: CardSession, command: Command): void {
  switch (command.ins) {
    case 0x20:
      verify(state, session, command);
      return;
    case 0x22:
      manageSecurityEnvironment(state, session, command);
      return;
    case 0x24:
      changeReferenceData(state, session, command);
      return;
    case 0x2c:
      resetRetryCounter(state, session, command);
      return;
    case 0x44:
      activateFile(state, session, command);
      return;
    case 0xdb:
      putData(state, session, command);
      return;
    case 0xe0:
      createFile(state, session, command);
      return;
    case 0xe4:
      deleteFile(state, session, command);
      return;
    default:
      throw new CardStatus(statusWord.instructionNotSupported);
  }
}
