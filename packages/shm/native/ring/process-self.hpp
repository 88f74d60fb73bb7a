#pragma once

#include <cstdint>

#include "ring.hpp"

namespace rmq::ring {

// Who this process is, for messages to people. Decisions never rest on it: pids
// repeat and mean different processes in different namespaces.
Self describeSelf();

// Of the running kernel; all zero if it does not say.
void readBootId(uint8_t out[16]);

void randomBytes(void* out, uint32_t bytes);

}  // namespace rmq::ring
