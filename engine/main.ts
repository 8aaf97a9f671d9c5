/** The product's engine: the system's smart card readers. */
import { pcscReaders } from './pcsc/pcsc.js';
import { machinePolicies } from './policy/machine.js';
import { systemCardCache } from './provider/card-cache.js';
import { systemKeyProviders } from './provider/provider.js';
import { startEngine } from './start.js';

startEngine({
  readers: pcscReaders(),
  keyProviders: systemKeyProviders(),
  cardCache: systemCardCache(),
  policies: machinePolicies(),
});
