#pragma once

#include "core.hpp"

namespace rmq::ring {

// Cleaning up after a dead participant. Every part can be repeated, so a burier
// that dies half-way is itself buried and the work starts over.

// Precondition: the caller holds the liveness byte of `victim` (which may be
// the caller's own, just claimed from a predecessor).
void cleanAfter(Core& core, uint32_t victim);

// False: the participant turned out to be alive, or someone else is burying it.
bool bury(Core& core, uint32_t victim);

// Buries every dead participant; returns how many.
uint32_t reap(Core& core);

// Asks about a participant's life at most once in 10 ms.
bool seenDead(Core& core, uint32_t participant);

}  // namespace rmq::ring
