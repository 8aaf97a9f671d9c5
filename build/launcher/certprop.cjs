// Starts the engine if this Node is new enough. ECMAScript 5: it has to run on the Node that it refuses.
'use strict';

var needed = [20, 19];
var found = process.versions.node.split('.').map(Number);
var supported = found[0] > needed[0] || (found[0] === needed[0] && found[1] >= needed[1]);

if (supported) {
  // Without this V8 collects an idle engine's garbage, from 8 s after its last work on and in hundreds of system calls. It has to be said
  // before anything is loaded: the first collection of young objects sets that timer.
  require('v8').setFlagsFromString('--gc-memory-reducer-start-delay-ms=2147483647');
  require('./engine.cjs');
} else {
  process.stderr.write(
    'CertProp needs Node.js ' + needed.join('.') + ' or later; this is ' + process.versions.node + '.\n'
  );
  process.exit(3);
}
