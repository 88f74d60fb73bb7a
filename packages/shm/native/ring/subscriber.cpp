#include "subscriber.hpp"

namespace rmq::ring {

template <class Deliver>
Status Subscriber::advance(Deliver&& deliver) {
  for (;;) {
    const Status allowed = ring_.mayRead();
    if (allowed != Status::ok) return allowed;
    const uint64_t next = ring_.nextSeq();
    if (cursor_ >= next) return Status::empty;
    // Nothing below the oldest can come back: counting is final.
    const uint64_t oldest = ring_.oldestSeq();
    if (cursor_ < oldest) {
      lose(oldest - cursor_);
      continue;
    }
    const Status s = deliver(cursor_);
    switch (s) {
      case Status::ok:
        ++cursor_;
        ++ledger_.received;
        lostBefore_ = ledger_.lost - lostAtDelivery_;
        lostAtDelivery_ = ledger_.lost;
        return Status::ok;
      case Status::expired:
        ++ledger_.expired;
        lose(1);
        break;
      case Status::gone:
        lose(1);
        break;
      default:
        return s;
    }
  }
}

Status Subscriber::next(RecordSink& sink) {
  return advance([&](uint64_t seq) { return ring_.deliver(seq, false, sink); });
}

Status Subscriber::nextLease(Lease& lease) {
  return advance([&](uint64_t seq) { return ring_.lease(seq, lease); });
}

void Subscriber::skipToNewest() {
  const uint64_t next = ring_.nextSeq();
  if (next <= cursor_ + 1) return;
  ledger_.skipped += next - 1 - cursor_;
  cursor_ = next - 1;
}

}  // namespace rmq::ring
