#pragma once

#include "core.hpp"
#include "ring.hpp"

namespace rmq::ring {

struct Birth {
  uint8_t uuid[16] = {};
  uint8_t bootId[16] = {};
  Self creator;
  uint64_t realtimeNs = 0;
  const void* description = nullptr;  // at most kDescriptionMax bytes
  uint32_t descriptionBytes = 0;
  uint64_t firstSeq = 1;
};

// Writes an empty ring into zeroed memory of geometry.totalBytes, magic last.
Status formatRing(void* memory, const Geometry& geometry, const Birth& birth);

}  // namespace rmq::ring
