#pragma once

#include "core.hpp"

namespace rmq::ring {

// A clock hand over the arena. It takes the gap in front of it, reclaims dead
// extents as it meets them, evicts the oldest records, and walks past what is
// leased or loaned without moving it. With k such extents of B bytes in all, a
// gap of M bytes exists if C >= B + (k + 1) * M. In a queue nothing is evicted:
// there records are in the way too, and the answer is FULL, exactly if no gap is
// large enough.

// The offset is ours, not read back from shared memory that others can scribble on.
struct Room {
  uint32_t id = kNone;
  uint64_t offset = 0;
};

// Lock held. On ok the descriptor is LOANED by core.me and covers `bytes`.
// PINNED leaves the records that lie beyond the first pinned extent alone.
Status allocate(Core& core, uint64_t bytes, uint64_t alignment, Room& room);

// Lock held. Gives back the tail of a loan that turned out shorter.
void shrink(Core& core, uint32_t id, uint64_t bytes);

}  // namespace rmq::ring
