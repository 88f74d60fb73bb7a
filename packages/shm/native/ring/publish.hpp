#pragma once

#include "core.hpp"

namespace rmq::ring {

struct Stamp {
  uint64_t nowNs = 0;
  uint64_t captureNs = 0;  // when the sensor saw it; 0: unknown
  uint32_t crc = 0;        // crc32c of the payload; 0: none
};

// Lock held for all of these.

// Ends records that outlived the ttl, a few at a time so that no put pays for all.
Status expireOldest(Core& core, uint64_t nowNs);

// Queues: full, if as many records as they may hold are before the one numbered
// `seq`.
Status requirePlace(const Core& core, uint64_t seq);

// Makes room by count for the record numbered `seq`.
Status retireByCount(Core& core, uint64_t seq);

// LOANED → LIVE, under that number; nobody can see it yet.
void enter(Core& core, uint32_t id, uint64_t seq, uint64_t length, const Stamp& stamp);

// All that was entered below `next` exists from here on; `bytes` were they in all.
void announce(Core& core, uint64_t next, uint64_t bytes);

// Both, for one record; returns its number.
uint64_t publish(Core& core, uint32_t id, uint64_t length, const Stamp& stamp);

inline uint64_t nextSeqLocked(const Core& core) { return core.v.h->pub.nextSeq.load(std::memory_order_relaxed); }

}  // namespace rmq::ring
