/** The product's engine: the system's smart card readers. */
import { pcscReaders } from './pcsc/pcsc.js';
import { systemKeyProviders } from './provider/provider.js';
import { startEngine } from './start.js';

startEngine(pcscReaders(), systemKeyProviders());
