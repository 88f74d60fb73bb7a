#pragma once

#include <cstdint>

namespace rmq::ring {

// Everything that can go wrong, and the few outcomes that are not errors. The
// ring never throws; the caller maps these to its own errors in one place.
enum class Status : int32_t {
  ok = 0,

  // Reading.
  empty,         // nothing there (yet)
  gone,          // evicted, popped or overwritten
  expired,       // older than the topic's ttl
  noBuffer,      // the caller's sink refused to provide memory
  leaseLimit,    // own lease slots or the segment's lease budget are used up

  // Writing.
  tooLarge,      // more bytes than the largest legal record
  pinned,        // leases and loans leave no gap that is large enough
  writerStalled, // a living writer holds the lock past the deadline
  full,          // queue mode: nothing is ever evicted
  loanLimit,     // this participant has too many open loans
  staleHandle,   // the loan was already committed or discarded

  // Creating, attaching, removing.
  notFound,
  exists,
  inUse,
  foreignSegment,   // not a private regular file of an allowed owner
  notARing,
  versionMismatch,
  truncated,
  corrupt,
  staleBoot,        // written before the last boot
  participantsFull,
  noSpace,
  permissionDenied,

  timedOut,
  closed,
  invalidArgument,
  unsupported,
  systemError,
};

// Stable upper-case spelling, e.g. "NO_SPACE".
const char* statusName(Status status);

// What a person needs to know beside the status. Fields that do not apply are 0.
struct Diagnosis {
  int systemErrno = 0;
  uint32_t expectedAbi = 0;
  uint32_t foundAbi = 0;
  uint64_t neededBytes = 0;
  uint64_t availableBytes = 0;
  const char* reason = "";  // static text
};

}  // namespace rmq::ring
