#pragma once

#include "core.hpp"

namespace rmq::ring {

// Makes lists, hand and index anew from the descriptor words, after a lock
// holder died anywhere. Lock held. Idempotent. Never allocates. Damage that no
// sequence of our own writes can leave poisons the segment.
Status rebuild(Core& core);

}  // namespace rmq::ring
