#include <gtest/gtest.h>

#include <random>

#include "subscriber.hpp"
#include "support/audit.hpp"
#include "support/pattern.hpp"
#include "support/plain-memory.hpp"
#include "support/sinks.hpp"

using namespace rmq::ring;
using namespace rmq::ring::test;

namespace {

Options queue(uint32_t items, uint64_t bytes = 64 * 1024) {
  Options o;
  o.mode = kModeQueue;
  o.maxRecords = items;
  o.capacityBytes = bytes;
  o.participants = 4;
  return o;
}

Status put(Ring& ring, uint64_t tag, uint64_t length = 8) {
  std::vector<uint8_t> data(length);
  fillPattern(data.data(), length, tag);
  return ring.put(data.data(), length, {}, nullptr);
}

std::vector<uint64_t> tags(const Collect& sink) {
  std::vector<uint64_t> out;
  for (const auto& g : sink.got) {
    EXPECT_TRUE(wholePattern(g.bytes.data(), g.bytes.size()));
    out.push_back(patternTag(g.bytes.data()));
  }
  return out;
}

std::vector<uint64_t> pop(Ring& ring, int64_t n) {
  Collect sink;
  EXPECT_EQ(ring.pop(n, sink, nullptr), Status::ok);
  return tags(sink);
}

using Tags = std::vector<uint64_t>;

TEST(Queue, HoldsExactlyItsCapacityAndEvictsNothing) {
  PlainMemory memory(queue(5));  // the index has eight slots
  Member m(memory);
  for (uint64_t i = 0; i < 5; ++i) ASSERT_EQ(put(m.ring(), i), Status::ok);
  for (int again = 0; again < 3; ++again) EXPECT_EQ(put(m.ring(), 9), Status::full);
  EXPECT_EQ(put(m.ring(), 9, 5000), Status::full) << "by the path of large records too";
  EXPECT_EQ(m->depth(), 5u);
  EXPECT_EQ(m->counters().evicted, 0u);
  EXPECT_EQ(m->counters().rejected, 0u) << "nothing is lost by being told to wait";
  EXPECT_EQ(m->loansOpen(), 0u);
  EXPECT_EQ(pop(m.ring(), 1), Tags{0});
  EXPECT_EQ(put(m.ring(), 5), Status::ok);
  EXPECT_EQ(put(m.ring(), 9), Status::full);
  EXPECT_EQ(pop(m.ring(), 0), (Tags{1, 2, 3, 4, 5}));
  EXPECT_EQ(pop(m.ring(), 1), Tags{});
  EXPECT_EQ(m->depth(), 0u);
  EXPECT_EQ(audit(m.ring()), "");
}

TEST(Queue, EveryCapacityWorks) {
  for (const uint32_t items : {1u, 2u, 3u, 7u, 8u, 1000u}) {
    SCOPED_TRACE(items);
    PlainMemory memory(queue(items, 1 << 20));
    Member m(memory);
    for (uint64_t round = 0; round < 3; ++round) {
      for (uint64_t i = 0; i < items; ++i) ASSERT_EQ(put(m.ring(), i), Status::ok);
      ASSERT_EQ(put(m.ring(), 9), Status::full);
      ASSERT_EQ(pop(m.ring(), items).size(), items);
    }
  }
}

TEST(Queue, FullByBytesUntilTheFrontIsTaken) {
  PlainMemory memory(queue(100, 8192));
  Member m(memory);
  ASSERT_EQ(put(m.ring(), 1, 4096), Status::ok);
  ASSERT_EQ(put(m.ring(), 2, 3000), Status::ok);
  EXPECT_EQ(put(m.ring(), 3, 2000), Status::full);
  EXPECT_EQ(put(m.ring(), 3, 64), Status::ok) << "what still fits, fits";
  EXPECT_EQ(pop(m.ring(), 1), Tags{1});
  EXPECT_EQ(put(m.ring(), 4, 4097), Status::full);
  EXPECT_EQ(put(m.ring(), 4, 4096), Status::ok);
  EXPECT_EQ(pop(m.ring(), 0), (Tags{2, 3, 4}));
  EXPECT_EQ(put(m.ring(), 5, 8192), Status::ok);
  EXPECT_EQ(put(m.ring(), 6, 8193), Status::tooLarge);
  EXPECT_EQ(m->counters().rejected, 1u);
}

// The room that SharedQueue reserves: two of the largest items more than it holds.
TEST(Queue, TwoItemsOfSlackAreEnoughForAnySizes) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    std::mt19937_64 random(seed);
    const auto items = static_cast<uint32_t>(1 + random() % 12);
    const uint64_t largest = 64 * (1 + random() % 40);
    Options o = queue(items, (items + 2) * largest);
    o.maxRecordBytes = largest;
    PlainMemory memory(o);
    Member m(memory);
    uint64_t tag = 0;
    uint64_t next = 0;
    for (int step = 0; step < 3000; ++step) {
      if (random() % 2) {
        const uint64_t length = 8 + random() % (largest - 7);
        const Status s = put(m.ring(), tag, length);
        ASSERT_EQ(s, tag - next < items ? Status::ok : Status::full) << "seed " << seed << " step " << step;
        if (s == Status::ok) ++tag;
      } else {
        for (const uint64_t t : pop(m.ring(), static_cast<int64_t>(1 + random() % 3))) ASSERT_EQ(t, next++);
      }
    }
    ASSERT_EQ(audit(m.ring()), "");
  }
}

TEST(Queue, IsTakenFromTheFrontOnly) {
  PlainMemory memory(queue(8));
  Member m(memory);
  for (uint64_t i = 0; i < 4; ++i) ASSERT_EQ(put(m.ring(), i), Status::ok);
  Collect sink;
  EXPECT_EQ(m->pop(-1, sink, nullptr), Status::unsupported);
  EXPECT_EQ(m->readOne(2, true, sink), Status::unsupported);
  Lease lease;
  ASSERT_EQ(m->lease(2, lease), Status::ok);
  EXPECT_EQ(m->take(lease), Status::unsupported);
  m->unlease(lease);
  EXPECT_EQ(m->peek(-1, sink, nullptr), Status::ok);
  EXPECT_EQ(tags(sink), Tags{3}) << "to look is allowed";
  EXPECT_EQ(pop(m.ring(), 0), (Tags{0, 1, 2, 3}));
}

TEST(Queue, CommitThatFindsItFullKeepsItsLoan) {
  PlainMemory memory(queue(2));
  Member a(memory);
  Member b(memory);
  Loan loan;
  ASSERT_EQ(a->loan(100, 64, loan), Status::ok);
  fillPattern(loan.data, 100, 7);
  for (uint64_t i = 0; i < 2; ++i) ASSERT_EQ(put(b.ring(), i), Status::ok);
  EXPECT_EQ(a->commit(loan, 100, {}, nullptr), Status::full);
  ASSERT_TRUE(a->isOpen(loan));
  EXPECT_EQ(pop(b.ring(), 1), Tags{0});
  EXPECT_EQ(a->commit(loan, 100, {}, nullptr), Status::ok);
  EXPECT_EQ(pop(b.ring(), 0), (Tags{1, 7}));
  EXPECT_EQ(a->loan(100, 64, loan), Status::ok);
  EXPECT_EQ(a->discard(loan), Status::ok);
}

TEST(Queue, RoomOfTheDeadIsFoundByWhoeverNeedsIt) {
  PlainMemory memory(queue(8, 8192));
  Member m(memory);
  auto victim = std::make_unique<Member>(memory);
  ASSERT_EQ(put(m.ring(), 1, 1000), Status::ok);
  Loan loan;
  ASSERT_EQ(victim->ring().loan(6000, 64, loan), Status::ok);
  EXPECT_EQ(put(m.ring(), 2, 6000), Status::full) << "who holds it is alive";
  victim->die();
  EXPECT_EQ(put(m.ring(), 2, 6000), Status::ok);
  EXPECT_EQ(pop(m.ring(), 0), (Tags{1, 2}));
  EXPECT_EQ(audit(m.ring()), "");
}

TEST(Queue, BytesThatAreLeasedAreInTheWayUntilTheirEnd) {
  Options o = queue(8, 8192);
  o.leaseBudgetBytes = 8192;
  PlainMemory memory(o);
  Member m(memory);
  Member other(memory);
  ASSERT_EQ(put(m.ring(), 1, 6000), Status::ok);
  Lease lease;
  ASSERT_EQ(m->lease(1, lease), Status::ok);
  EXPECT_EQ(pop(other.ring(), 1), Tags{1});
  EXPECT_EQ(put(other.ring(), 2, 6000), Status::full);
  ASSERT_EQ(other->armSpace(), Status::ok);
  other->setBell(1, 1);
  m->unlease(lease);
  EXPECT_EQ(m.bells.rings, 1) << "who waits for room is told";
  EXPECT_EQ(put(other.ring(), 2, 6000), Status::ok);
}

// --- batches

struct Batch {
  explicit Batch(std::vector<uint64_t> lengths, uint64_t firstTag = 0) {
    bytes.reserve(lengths.size());
    for (const uint64_t length : lengths) {
      bytes.emplace_back(length);
      fillPattern(bytes.back().data(), length, firstTag++);
      pieces.push_back(Piece{bytes.back().data(), length});
    }
  }
  Status put(Ring& ring, uint64_t from = 0) {
    return ring.putBatch(pieces.data() + from, pieces.size() - from, {}, &done);
  }
  std::vector<std::vector<uint8_t>> bytes;
  std::vector<Piece> pieces;
  uint64_t done = 99;
};

TEST(Queue, BatchGoesInAsFarAsItFits) {
  PlainMemory memory(queue(150));
  Member m(memory);
  Batch batch(std::vector<uint64_t>(200, 24));
  EXPECT_EQ(batch.put(m.ring()), Status::full);
  EXPECT_EQ(batch.done, 150u);
  EXPECT_EQ(batch.put(m.ring(), 150), Status::full);
  EXPECT_EQ(batch.done, 0u);
  EXPECT_EQ(pop(m.ring(), 60).size(), 60u);
  EXPECT_EQ(batch.put(m.ring(), 150), Status::ok);
  EXPECT_EQ(batch.done, 50u);
  const Tags rest = pop(m.ring(), 0);
  ASSERT_EQ(rest.size(), 140u);
  for (uint64_t i = 0; i < rest.size(); ++i) EXPECT_EQ(rest[i], 60 + i);
  EXPECT_EQ(m->loansOpen(), 0u);
  EXPECT_EQ(m->counters().publishedBytes, 200u * 24);
  EXPECT_EQ(audit(m.ring()), "");
}

TEST(Queue, BatchOfLargeItemsStopsWhereTheBytesEnd) {
  PlainMemory memory(queue(100, 64 * 1024));
  Member m(memory);
  Batch batch(std::vector<uint64_t>(20, 6000));
  EXPECT_EQ(batch.put(m.ring()), Status::full);
  EXPECT_EQ(batch.done, 10u);
  EXPECT_EQ(pop(m.ring(), 4), (Tags{0, 1, 2, 3}));
  EXPECT_EQ(batch.put(m.ring(), 10), Status::full);
  EXPECT_EQ(batch.done, 4u);
  EXPECT_EQ(pop(m.ring(), 0), (Tags{4, 5, 6, 7, 8, 9, 10, 11, 12, 13}));
  EXPECT_EQ(m->loansOpen(), 0u);
  EXPECT_EQ(audit(m.ring()), "");
}

TEST(Queue, BatchWithAnItemThatIsTooLargeStaysOutside) {
  Options o = queue(100);
  o.maxRecordBytes = 1000;
  PlainMemory memory(o);
  Member m(memory);
  Batch batch({10, 20, 1001});
  EXPECT_EQ(batch.put(m.ring()), Status::tooLarge);
  EXPECT_EQ(batch.done, 0u);
  EXPECT_EQ(m->depth(), 0u);
  Batch none({});
  EXPECT_EQ(none.put(m.ring()), Status::ok);
  EXPECT_EQ(none.done, 0u);
}

TEST(Queue, TopicsTakeNoBatches) {
  Options o = queue(8);
  o.mode = kModeTopic;
  PlainMemory memory(o);
  Member m(memory);
  EXPECT_EQ(Batch({10}).put(m.ring()), Status::unsupported);
}

// --- bells

TEST(Queue, WhoWaitsForRoomIsRungOncePerArming) {
  PlainMemory memory(queue(2));
  Member taker(memory);
  Member putter(memory);
  putter->setBell(5, 6);
  for (uint64_t i = 0; i < 2; ++i) ASSERT_EQ(put(putter.ring(), i), Status::ok);
  ASSERT_EQ(putter->armSpace(), Status::ok);
  ASSERT_EQ(put(putter.ring(), 9), Status::full);
  pop(taker.ring(), 1);
  EXPECT_EQ(taker.bells.rings, 1);
  EXPECT_EQ(taker.bells.lastRung, putter->participant());
  pop(taker.ring(), 1);
  EXPECT_EQ(taker.bells.rings, 1);
  ASSERT_EQ(putter->armSpace(), Status::ok);
  putter->disarmSpace();
  ASSERT_EQ(put(putter.ring(), 3), Status::ok);
  pop(taker.ring(), 1);
  EXPECT_EQ(taker.bells.rings, 1);
  EXPECT_EQ(pop(taker.ring(), 1), Tags{});
  ASSERT_EQ(putter->armSpace(), Status::ok);
  EXPECT_EQ(pop(taker.ring(), 1), Tags{}) << "nothing was taken";
  EXPECT_EQ(taker.bells.rings, 1);
  taker->retire();
  EXPECT_EQ(taker.bells.rings, 2) << "the end is told too";
}

TEST(Queue, TheEndComesAfterWhatIsLeft) {
  PlainMemory memory(queue(4));
  Member m(memory);
  ASSERT_EQ(put(m.ring(), 1), Status::ok);
  m->retire();
  EXPECT_EQ(put(m.ring(), 2), Status::closed);
  EXPECT_EQ(m->putWithin("x", 1, {}, ~0ull, nullptr), Status::closed);
  EXPECT_EQ(Batch({10}).put(m.ring()), Status::closed);
  Collect sink;
  uint64_t delivered;
  EXPECT_EQ(m->popWithin(1, sink, ~0ull, &delivered), Status::ok);
  EXPECT_EQ(delivered, 1u);
  EXPECT_EQ(m->popWithin(1, sink, ~0ull, &delivered), Status::closed);
}

TEST(Queue, WithoutTimeTheAnswerComesAtOnce) {
  PlainMemory memory(queue(1));
  Member m(memory);
  Collect sink;
  uint64_t delivered;
  EXPECT_EQ(m->popWithin(1, sink, 0, &delivered), Status::empty);
  EXPECT_EQ(m->putWithin("x", 1, {}, 0, nullptr), Status::ok);
  EXPECT_EQ(m->putWithin("x", 1, {}, 0, nullptr), Status::full);
  EXPECT_EQ(m->popWithin(1, sink, 0, &delivered), Status::ok);
}

// --- looking

TEST(Queue, SnapshotIsWhatWasThereAtOneMoment) {
  PlainMemory memory(queue(8));
  Member m(memory);
  Member other(memory);
  for (uint64_t i = 0; i < 6; ++i) ASSERT_EQ(put(m.ring(), i), Status::ok);
  // While it copies, others take the first four and put another two.
  class Busy final : public RecordSink {
   public:
    explicit Busy(Ring& r) : ring(r) {}
    bool reserve(const Record& record, void** target) override {
      if (record.seq == 3) {
        pop(ring, 4);
        put(ring, 6);
        put(ring, 7);
      }
      buffer.resize(record.length);
      *target = buffer.data();
      return true;
    }
    void accept(const Record& record) override { seqs.push_back(record.seq); }
    void reject(const Record&) override {}
    Ring& ring;
    std::vector<uint8_t> buffer;
    std::vector<uint64_t> seqs;
  } sink(other.ring());
  uint64_t first;
  uint64_t next;
  ASSERT_EQ(m->snapshot(sink, &first, &next), Status::ok);
  EXPECT_EQ(first, 5u);
  EXPECT_EQ(next, 9u);
  EXPECT_EQ(sink.seqs, (std::vector<uint64_t>{1, 2, 5, 6, 7, 8}));
}

TEST(Queue, TakerThatDiesBeforeItTellsChangesNoCount) {
  PlainMemory memory(queue(3));
  Member m(memory);
  for (uint64_t i = 0; i < 3; ++i) ASSERT_EQ(put(m.ring(), i), Status::ok);
  pop(m.ring(), 2);
  m->core().v.h->oldest.seq.store(1);  // as it was before
  EXPECT_EQ(m->depth(), 1u);
  EXPECT_EQ(put(m.ring(), 3), Status::ok);
  EXPECT_EQ(pop(m.ring(), 0), (Tags{2, 3}));
}

TEST(Queue, NothingAges) {
  Options o = queue(3);
  o.ttlNs = 1;
  Geometry g;
  EXPECT_EQ(planGeometry(o, g), Status::invalidArgument);
}

}  // namespace
