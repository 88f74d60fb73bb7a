#pragma once

#include <cstdint>

#include "layout.hpp"
#include "status.hpp"

namespace rmq::ring {

struct Options {
  uint64_t capacityBytes = 0;     // arena; rounded up to whole pages
  uint32_t maxRecords = 1024;     // newest records kept, whatever their size; queue: how many it holds
  uint64_t maxRecordBytes = 0;    // 0: as much as the arena holds
  uint64_t ttlNs = 0;             // 0: records do not age
  uint32_t participants = 64;     // 1..256 attachments at a time
  uint64_t leaseBudgetBytes = 0;  // bytes that leases may pin; 0: a quarter of the arena
  uint32_t mode = kModeTopic;     // queues: nothing ages, nothing is evicted
};

// The numbers of a segment, in private memory: checked once, then trusted, so
// that a header scribbled over later cannot lead anyone out of the mapping.
struct Geometry {
  uint32_t mode = 0;
  uint32_t indexSlots = 0;
  uint32_t descriptors = 0;
  uint32_t participants = 0;
  uint32_t maxRecords = 0;
  uint64_t arenaBytes = 0;
  uint64_t maxRecordBytes = 0;
  uint64_t ttlNs = 0;
  uint64_t leaseBudget = 0;
  uint64_t offPart = 0;
  uint64_t offDesc = 0;
  uint64_t offIndex = 0;
  uint64_t offLinks = 0;
  uint64_t offArena = 0;
  uint64_t totalBytes = 0;
};

Status planGeometry(const Options& options, Geometry& out);

// Magic, abi, checksum and every number of a header page that came from
// elsewhere. `header` is a private copy of the first kHeaderBytes.
Status checkHeader(const uint8_t* header, uint64_t fileBytes, Geometry& out, Diagnosis& diagnosis);

uint32_t headerCrc(const uint8_t* header);

inline uint64_t roundUp(uint64_t n, uint64_t to) { return (n + to - 1) / to * to; }
// Bytes that a record occupies; an empty one still needs an address of its own.
inline uint64_t footprint(uint64_t length) { return length == 0 ? kUnit : roundUp(length, kUnit); }

}  // namespace rmq::ring
