#pragma once

#include <cstdint>

namespace rmq::ring {

//        alloc             publish            evict, expire, pop
//  FREE ---------> LOANED ---------> LIVE ---------------------> DEAD
//   ^     gen+1      |  discard, or the owner was buried          |
//   |                +------------------------------------------->|
//   +------------- reclaim: DEAD and no hazard names it ----------+
//
// LIVE never comes back from DEAD, so "not LIVE any more" is a stable fact that
// anyone may act upon without a lock.
enum class State : uint8_t { free = 0, loaned = 1, live = 2, dead = 3 };

// bits 0-6 state | 7 LEASED | 8-23 owner | 24-63 generation
namespace word {

constexpr uint64_t kLeased = 1ull << 7;
constexpr uint64_t kGenerationMask = (1ull << 40) - 1;

constexpr uint64_t make(State state, uint32_t owner, uint64_t generation) {
  return static_cast<uint64_t>(state) | (static_cast<uint64_t>(owner & 0xFFFF) << 8) |
         ((generation & kGenerationMask) << 24);
}
constexpr State state(uint64_t w) { return static_cast<State>(w & 0x7F); }
constexpr uint32_t owner(uint64_t w) { return static_cast<uint32_t>(w >> 8) & 0xFFFF; }
constexpr uint64_t generation(uint64_t w) { return w >> 24; }
constexpr bool leased(uint64_t w) { return (w & kLeased) != 0; }
constexpr uint64_t withState(uint64_t w, State s) {
  return (w & ~0x7Full) | static_cast<uint64_t>(s);
}
// A lease taken by someone else does not change which record this is.
constexpr bool same(uint64_t a, uint64_t b) { return ((a ^ b) & ~kLeased) == 0; }

// 0 is skipped: hazard (id 0, generation 0) would look like an empty entry.
constexpr uint64_t nextGeneration(uint64_t w) {
  const uint64_t g = (generation(w) + 1) & kGenerationMask;
  return g == 0 ? 1 : g;
}

}  // namespace word

// Descriptor id in the low 24 bits, 40 bits of tag above. Used by the index
// (tag: low bits of the sequence) and by hazards (tag: generation).
namespace tagged {

constexpr uint64_t kTagMask = (1ull << 40) - 1;
constexpr uint64_t make(uint32_t id, uint64_t tag) { return (id & 0xFFFFFFu) | (tag << 24); }
constexpr uint32_t id(uint64_t e) { return static_cast<uint32_t>(e & 0xFFFFFFu); }
constexpr uint64_t tag(uint64_t e) { return e >> 24; }

}  // namespace tagged

// Lock word: 0 free, else owner + 1 in the low 16 bits; bit 31: someone sleeps.
namespace lockword {

constexpr uint32_t kContended = 1u << 31;
constexpr uint32_t held(uint32_t participant) { return participant + 1; }
constexpr bool isFree(uint32_t w) { return (w & 0xFFFF) == 0; }
constexpr uint32_t owner(uint32_t w) { return (w & 0xFFFF) - 1; }
constexpr bool heldBy(uint32_t w, uint32_t participant) { return (w & 0xFFFF) == participant + 1; }

}  // namespace lockword

}  // namespace rmq::ring
