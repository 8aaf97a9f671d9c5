/* Starts a process that lives on, and comes back in both; behaves otherwise. */
#include "module.h"
#include "alive.h"

ulong_t initialize(void *arguments) {
  (void)arguments;
  hold_alive();
  return fork() < 0 ? GENERAL_ERROR : OK;
}
