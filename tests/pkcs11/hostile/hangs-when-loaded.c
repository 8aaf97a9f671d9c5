/* Hangs before any of its functions can be called; holds the file $HOME/alive open meanwhile. */
#include "module.h"
#include "alive.h"

__attribute__((constructor)) static void hang(void) {
  hold_alive();
  for (;;) pause();
}
