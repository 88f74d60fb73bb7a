#pragma once

#include "core.hpp"

namespace rmq::ring {

// Extents of the arena in address order, gaps implicit. The list, the hand and
// the free list are caches over the descriptor words: only the lock holder
// touches them, and rebuild() can make them anew.

// Puts `id` in front of the hand. False: the list is damaged.
bool linkBeforeHand(Core& core, uint32_t id);
bool unlinkExtent(Core& core, uint32_t id);

// Does any participant lease this generation of the descriptor? Call only after
// the record was seen DEAD and a full fence.
bool hazarded(const View& v, uint32_t id, uint64_t word);

// DEAD → FREE unless a lease still names it. `reclaimed` tells which; the status
// is ok or corrupt.
Status reclaim(Core& core, uint32_t id, bool& reclaimed);

// Reclaims every DEAD descriptor that nobody leases.
Status sweep(Core& core);

}  // namespace rmq::ring
