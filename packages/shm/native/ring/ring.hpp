#pragma once

#include <cstdint>

#include "core.hpp"
#include "find.hpp"

namespace rmq::ring {

// Where copied records go. For every record: reserve, then accept or reject.
class RecordSink {
 public:
  virtual ~RecordSink() = default;
  // Memory for record.length bytes; false ends the reading before this record.
  virtual bool reserve(const Record& record, void** target) = 0;
  // The bytes are there and are this record's, whole.
  virtual void accept(const Record& record) = 0;
  // The record went away while it was copied: forget the reserved memory.
  virtual void reject(const Record& record) = 0;
};

struct PutOptions {
  uint64_t captureNs = 0;
  uint32_t crc = 0;     // queues: what the maker calls its encoding
  bool notify = true;  // false: the caller rings later, with notify()
};

// Room in the arena that only its owner sees until commit.
struct Loan {
  uint8_t* data = nullptr;
  uint64_t length = 0;
  uint32_t id = kNone;
  uint64_t word = 0;
};

// One item of a batch.
struct Piece {
  const void* data = nullptr;
  uint64_t length = 0;
};

// A record in place. Its bytes stay what they are until unlease().
struct Lease {
  Record record;
  const uint8_t* data = nullptr;
  uint64_t foot = 0;
  uint32_t slot = kNone;
  uint32_t id = kNone;
  uint64_t word = 0;
};

// For readers that know only files: map `totalBytes` of the segment and read.
struct Reference {
  uint64_t totalBytes = 0;
  uint64_t start = 0;
  uint64_t length = 0;
};

struct Self {
  uint64_t pid = 0;
  uint64_t startTime = 0;
  uint64_t pidNamespace = 0;
};

struct Live {
  uint64_t records = 0;
  uint64_t bytes = 0;
};

struct Counters {
  uint64_t published = 0;
  uint64_t publishedBytes = 0;  // without the last puts of killed writers
  uint64_t evicted = 0;
  uint64_t expired = 0;
  uint64_t popped = 0;
  uint64_t aborted = 0;
  uint64_t rejected = 0;  // refused: too large, or no room
  uint64_t rebuilds = 0;
  uint64_t burials = 0;
};

struct ParticipantInfo {
  uint32_t index = 0;
  uint64_t epoch = 0;
  Self self;
  bool alive = false;
  uint64_t pinnedBytes = 0;
  uint32_t leases = 0;
};

// One attachment to a ring: used by one thread at a time. Several in one
// process are as good as several processes.
class Ring {
 public:
  Ring() = default;
  ~Ring() { leave(); }
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  struct Surroundings {
    Liveness* liveness = nullptr;
    Clock* clock = nullptr;
    BellTower* bells = nullptr;
    uint64_t lockTimeoutNs = 1000000000ull;
  };

  // Over formatted memory. After bind() alone this is an observer: it may look,
  // copy and count, and writes nothing.
  Status bind(void* memory, const Geometry& geometry, const Surroundings& surroundings);
  // Becomes a participant: claims a byte, cleans up after its last holder.
  Status join(const Self& self);
  void leave();
  // After a fork the child is not the participant: drop all without a trace.
  void abandon() { closed_ = true; core_.me = kNone; }

  // --- writing. closed: the ring was retired.
  Status put(const void* data, uint64_t length, const PutOptions& options, uint64_t* seq);
  // alignment: 64, or a larger power of two up to 4096. Three may be open at once.
  Status loan(uint64_t length, uint64_t alignment, Loan& loan);
  // length <= loan.length. Every failure leaves the loan open.
  Status commit(const Loan& loan, uint64_t length, const PutOptions& options, uint64_t* seq);
  Status discard(const Loan& loan);
  // Is this loan still open? Cheap; touches only the descriptor.
  bool isOpen(const Loan& loan) const;
  // Counts puts that were refused before they came here.
  void reject(uint64_t count);
  // The end of the ring's life: nothing is published any more, and whoever waits
  // is woken. What is there can be read until it is gone.
  void retire();
  bool retired() const { return core_.retired(); }

  // --- queues: strict FIFO. What they hold is never evicted: without room, all of
  // the above answer full. Whoever takes begins at the front, so that pop(n < 0),
  // take() and readOne(…, true) are unsupported.
  // Blocks this thread until there is room. timedOut.
  Status putWithin(const void* data, uint64_t length, const PutOptions& options, uint64_t timeoutNs, uint64_t* seq);
  // As many as there is room for, in order; those of one look appear at once.
  // `done` counts them, whatever the status.
  Status putBatch(const Piece* pieces, uint64_t count, const PutOptions& options, uint64_t* done);
  // Blocks until there is one at least. empty (with timeout 0), timedOut; closed:
  // retired, and nothing is left.
  Status popWithin(int64_t n, RecordSink& sink, uint64_t timeoutNs, uint64_t* delivered);
  // One ring follows once there may be room; put again first, which may find it.
  Status armSpace();
  void disarmSpace();
  // How many are in there.
  uint64_t depth() const;
  // All that was in there at one moment: of what the sink accepts, the records
  // numbered `first` or more.
  Status snapshot(RecordSink& sink, uint64_t* first, uint64_t* next);

  // --- reading by copy. n > 0: the oldest n; n < 0: the newest |n|, in time
  // order; n = 0: all. Each record is whole; the set is not frozen in time.
  Status peek(int64_t n, RecordSink& sink, uint64_t* delivered);
  Status pop(int64_t n, RecordSink& sink, uint64_t* delivered);
  // One record by its number.
  Status readOne(uint64_t seq, bool take, RecordSink& sink);
  // The same in two steps, for callers that bring the memory themselves.
  Status findRecord(uint64_t seq, Found& found);
  Status findNewest(Found& found);
  // gone: the target holds garbage.
  Status copyRecord(const Found& found, void* target);
  // The numbers that peek(n) would deliver now, at most `room`; returns how many.
  uint64_t sequences(int64_t n, uint64_t* out, uint64_t room);

  // --- reading in place
  Status lease(uint64_t seq, Lease& lease);
  Status leaseNewest(Lease& lease);
  // Removes the leased record from the ring; its bytes stay until unlease(). For
  // consumers that hand out references. gone: someone else was faster.
  Status take(const Lease& lease);
  void unlease(Lease& lease);
  Reference reference(const Lease& lease) const;

  // --- waiting for the record numbered `cursor` (which is nextSeq() for "the
  // next one"). Armed, one ring follows; then the bell is silent until rearmed.
  void setBell(uint64_t nonce0, uint64_t nonce1);
  // ok: armed. exists: it is already there, or the ring was retired; nothing is
  // armed.
  Status arm(uint64_t cursor);
  void disarm();
  // Blocks this thread. ok, timedOut; closed: retired before that record came.
  Status waitFor(uint64_t cursor, uint64_t timeoutNs);
  // Looks without sleeping; whether it is there.
  bool spinFor(uint64_t cursor, uint64_t limitNs) const;
  void notify();

  // --- looking
  uint64_t nextSeq() const { return core_.v.h->pub.nextSeq.load(std::memory_order_acquire); }
  uint64_t oldestSeq() const;
  // Both walk the index. live: records that nobody has ended yet, aged ones too.
  // readable: what a reader would get now.
  Live live() const;
  Live readable() const;
  // CLOCK_MONOTONIC of the newest record ever put, 0: there was none. A put that
  // died half-way counts too.
  uint64_t newestNs() const { return core_.v.h->alloc.lastTs.load(std::memory_order_relaxed); }
  Counters counters() const;
  uint32_t leasesHeld() const { return leasesHeld_; }
  uint32_t loansOpen() const { return loansOpen_; }
  bool poisoned() const { return core_.poisoned(); }
  uint64_t stalledPid() const { return core_.stalledPid; }
  // False: no such index, or never used.
  bool participantInfo(uint32_t index, ParticipantInfo& info);
  uint32_t reapDead();

  const Geometry& geometry() const { return core_.v.g; }
  uint32_t participant() const { return core_.me; }
  bool observing() const { return core_.me == kNone; }
  // Whitebox tests and fuzzers only.
  Core& core() { return core_; }

 private:
  friend class Subscriber;

  Live count(uint64_t nowNs) const;
  Status mayWrite() const;
  Status mayRead() const;
  bool isQueue() const { return core_.v.g.mode == kModeQueue; }
  Status refuse(Status s);
  Status putSmall(const void* data, uint64_t length, const PutOptions& options, uint64_t* seq);
  Status deliver(uint64_t seq, bool take, RecordSink& sink);
  Status deliverFound(const Found& found, bool take, RecordSink& sink);
  Status borrow(uint64_t length, uint64_t alignment, Loan& loan);
  Status lend(uint64_t length, uint64_t alignment, Loan& loan);
  Status putSome(const Piece* pieces, uint64_t count, const PutOptions& options, uint64_t* done);
  void notifySpace();
  Status takeInPlace(const Found& found, RecordSink& sink);
  Status walk(int64_t n, bool take, RecordSink& sink, uint64_t* delivered);
  Status takeFront(int64_t n, RecordSink& sink, uint64_t* delivered);
  bool lookFor(uint64_t cursor, uint64_t limitNs) const;
  uint64_t firstOfNewest(uint64_t count, uint64_t next);
  Status leaseFound(const Found& found, Lease& lease);
  void dropLeaseSlot(uint32_t slot, uint64_t foot);

  Core core_;
  // Of queues: what the last look at the end has seen.
  uint64_t knownNext_ = 0;
  bool knownRetired_ = false;
  uint32_t loansOpen_ = 0;
  uint32_t leasesHeld_ = 0;
  bool closed_ = true;
};

}  // namespace rmq::ring
