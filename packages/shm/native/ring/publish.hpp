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

// Makes room for one more record by count.
Status retireByCount(Core& core);

// LOANED → LIVE. The record exists once next_seq has passed it; returns its number.
uint64_t publish(Core& core, uint32_t id, uint64_t length, const Stamp& stamp);

}  // namespace rmq::ring
