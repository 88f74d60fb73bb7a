#pragma once

#include "ring.hpp"

namespace rmq::ring {

// A private cursor over a topic. Every published record at or after the start
// is either delivered or counted: received + lost + skipped == cursor - start.
class Subscriber {
 public:
  // start: the first record wanted; ring.nextSeq() for "from now on",
  // ring.oldestSeq() for "all that is there".
  Subscriber(Ring& ring, uint64_t start) : ring_(ring), cursor_(start), start_(start) {}

  struct Ledger {
    uint64_t received = 0;
    uint64_t lost = 0;     // evicted, expired or popped before they were read
    uint64_t expired = 0;  // part of lost: seen, but too old
    uint64_t skipped = 0;  // by skipToNewest()
  };

  // Next record by copy. ok, empty, noBuffer, corrupt, closed.
  Status next(RecordSink& sink);
  // Next record in place. Also leaseLimit: nothing is consumed then.
  Status nextLease(Lease& lease);
  // Leaves out all but the newest published record.
  void skipToNewest();

  // Records lost between the last delivered one and the one before it.
  uint64_t lostBefore() const { return lostBefore_; }
  uint64_t cursor() const { return cursor_; }
  uint64_t start() const { return start_; }
  const Ledger& ledger() const { return ledger_; }

 private:
  template <class Deliver>
  Status advance(Deliver&& deliver);
  void lose(uint64_t count) {
    ledger_.lost += count;
    cursor_ += count;
  }

  Ring& ring_;
  uint64_t cursor_;
  uint64_t start_;
  uint64_t lostAtDelivery_ = 0;
  uint64_t lostBefore_ = 0;
  Ledger ledger_;
};

}  // namespace rmq::ring
