import { readService } from '../../engine/machine/services.js';

/** Prints what the service control manager says of the services that are named, as JSON. */
async function main(): Promise<void> {
  const services = await Promise.all(process.argv.slice(2).map(readService));
  process.stdout.write(JSON.stringify(services));
}

void main();
