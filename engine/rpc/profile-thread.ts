/** A thread that looks through other users' profiles beside the engine's own; it says what it finds in pieces, and waits after each. */
import type { MessagePort } from 'node:worker_threads';
import { CertPropError, type ErrorDetails, type ErrorId } from '../errors.js';
import type { Profile } from '../profiles/profile.js';
import type { StreamEvent } from './contract.js';
import { lookThrough } from './look-through.js';
import type { Emit, Wanted } from './profile-looking.js';
import { profileSource } from './store-sources.js';
import type { World } from './world.js';

/** What the thread is asked. `More`: the next piece about the same profile. */
export type ThreadRequest =
  { readonly kind: 'Look'; readonly profile: Profile } | { readonly kind: 'More' } | { readonly kind: 'End' };

/** A piece; `Done` is the last one about a profile. */
export type ThreadAnswer =
  | { readonly kind: 'Some' | 'Done'; readonly events: readonly StreamEvent[] }
  | {
      readonly kind: 'Failed';
      readonly error: { readonly id: ErrorId; readonly message: string; readonly details: ErrorDetails };
    };

/** So many events make a piece. */
const pieceLength = 256;

/** Serves requests until `End`. What is no CertPropError ends the thread with that error. */
export function serveProfileThread(
  port: MessagePort,
  wanted: Wanted,
  world: Pick<World, 'openProfileStore' | 'hives'>,
): void {
  const ended = new AbortController();
  let goOn: () => void = () => undefined;
  const say = (answer: ThreadAnswer): void => {
    port.postMessage(answer);
  };

  port.on('message', (request: ThreadRequest) => {
    switch (request.kind) {
      case 'Look':
        void look(request.profile);
        break;
      case 'More':
        goOn();
        break;
      case 'End':
        ended.abort();
        goOn();
        port.close();
    }
  });

  async function look(profile: Profile): Promise<void> {
    let events: StreamEvent[] = [];
    const emit: Emit = async (event) => {
      events.push(event);
      if (events.length < pieceLength) return;
      const asked = new Promise<void>((resolve) => (goOn = resolve));
      say({ kind: 'Some', events });
      events = [];
      await asked;
    };
    try {
      const source = profileSource(world, profile, nobody);
      await lookThrough(source, wanted, () => Promise.resolve(null), emit, ended.signal);
      say({ kind: 'Done', events });
    } catch (error) {
      if (ended.signal.aborted) return;
      if (!(error instanceof CertPropError)) throw error;
      const { id, message, details } = error;
      say({ kind: 'Failed', error: { id, message, details } });
    }
  }
}

/** The session's own profile is never looked through here. */
const nobody = { userName: null, profilePath: null };
