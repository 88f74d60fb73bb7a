#include "allocator.hpp"
#include "publish.hpp"
#include "ring-lock.hpp"
#include "ring.hpp"
#include "step.hpp"
#include "sync.hpp"
#include "word.hpp"

namespace rmq::ring {

Status Ring::loan(uint64_t length, uint64_t alignment, Loan& out) {
  Status s = mayWrite();
  if (s != Status::ok) return s;
  if (alignment < kUnit || alignment > kPage || (alignment & (alignment - 1)) != 0) {
    return Status::invalidArgument;
  }
  if (length > core_.v.g.maxRecordBytes) return refuse(Status::tooLarge);
  if (loansOpen_ >= kOpenLoansEach) return Status::loanLimit;
  return refuse(borrow(length, alignment, out));
}

Status Ring::borrow(uint64_t length, uint64_t alignment, Loan& out) {
  const uint64_t now = core_.v.g.ttlNs != 0 ? core_.clock->nowNs() : 0;
  Status s = lockToPublish(core_);
  if (s != Status::ok) return s;
  s = requirePlace(core_, nextSeqLocked(core_));
  if (s == Status::ok) s = expireOldest(core_, now);
  if (s == Status::ok) s = lend(length, alignment, out);
  unlock(core_);
  RMQ_STEP(loanUnlocked);
  return s;
}

// Lock held.
Status Ring::lend(uint64_t length, uint64_t alignment, Loan& out) {
  Room room;
  const Status s = allocate(core_, length, alignment, room);
  if (s != Status::ok) return s;
  out.data = core_.v.arena + room.offset;
  out.length = length;
  out.id = room.id;
  out.word = core_.v.desc[room.id].word.load(std::memory_order_relaxed);
  ++loansOpen_;
  return s;
}

bool Ring::isOpen(const Loan& loan) const {
  return !closed_ && !observing() && core_.v.validId(loan.id) &&
         word::state(loan.word) == State::loaned && word::owner(loan.word) == core_.me &&
         core_.v.desc[loan.id].word.load(std::memory_order_relaxed) == loan.word;
}

Status Ring::commit(const Loan& loan, uint64_t length, const PutOptions& options, uint64_t* seq) {
  uint64_t ignored;
  if (seq == nullptr) seq = &ignored;
  Status s = mayWrite();
  if (s != Status::ok) return s;
  if (!isOpen(loan)) return Status::staleHandle;
  if (length > loan.length) return Status::invalidArgument;
  // SYNC POINT: the full fence drains non-temporal stores of a large copy, which
  // the lock's CAS and the release stores of publish() need not wait for;
  // partner: the acquires of find() and lease().
  fullFence();
  const Stamp stamp{core_.clock->nowNs(), options.captureNs, options.crc};
  s = lockToPublish(core_);
  if (s != Status::ok) return s;
  shrink(core_, loan.id, length);
  s = retireByCount(core_, nextSeqLocked(core_));
  if (s == Status::ok) {
    *seq = publish(core_, loan.id, length, stamp);
    --loansOpen_;
  }
  unlock(core_);
  if (s == Status::ok) {
    RMQ_STEP(putUnlocked);
    if (options.notify) notify();
    if (length < loan.length) notifySpace();
  }
  return s;
}

Status Ring::discard(const Loan& loan) {
  if (!isOpen(loan)) return Status::staleHandle;
  uint64_t expected = loan.word;
  // No lock: a finalizer may do this. SYNC POINT: release pairs with the acquire
  // in reclaim(): our stores into the loan are over.
  if (!core_.v.desc[loan.id].word.compare_exchange_strong(
          expected, word::withState(expected, State::dead), std::memory_order_acq_rel,
          std::memory_order_relaxed)) {
    return Status::staleHandle;
  }
  RMQ_STEP(discardMarked);
  bump(core_.v.h->count.aborted);
  --loansOpen_;
  notifySpace();
  return Status::ok;
}

}  // namespace rmq::ring
