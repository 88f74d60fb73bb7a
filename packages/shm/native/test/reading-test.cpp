#include <gtest/gtest.h>

#include <numeric>

#include "support/audit.hpp"
#include "support/pattern.hpp"
#include "support/plain-memory.hpp"
#include "support/sinks.hpp"

using namespace rmq::ring;
using namespace rmq::ring::test;

namespace {

using Seqs = std::vector<uint64_t>;

Options small(uint32_t records, uint64_t bytes = 65536) {
  Options o;
  o.capacityBytes = bytes;
  o.maxRecords = records;
  o.participants = 4;
  return o;
}

void putMany(Ring& ring, int count, uint64_t length = 100) {
  std::vector<uint8_t> data(length);
  for (int i = 0; i < count; ++i) {
    fillPattern(data.data(), length, static_cast<uint64_t>(i));
    ASSERT_EQ(ring.put(data.data(), length, {}, nullptr), Status::ok);
  }
}

Seqs peeked(Ring& ring, int64_t n) {
  Collect sink;
  uint64_t delivered = 0;
  EXPECT_EQ(ring.peek(n, sink, &delivered), Status::ok);
  EXPECT_EQ(delivered, sink.got.size());
  for (const auto& g : sink.got) EXPECT_TRUE(wholePattern(g.bytes.data(), g.bytes.size()));
  Seqs announced(64);
  announced.resize(ring.sequences(n, announced.data(), announced.size()));
  EXPECT_EQ(announced, sink.seqs());
  return sink.seqs();
}

Seqs popped(Ring& ring, int64_t n) {
  Collect sink;
  EXPECT_EQ(ring.pop(n, sink, nullptr), Status::ok);
  return sink.seqs();
}

class Reading : public ::testing::TestWithParam<uint64_t> {
 protected:
  // Sequences relative to the first one, so that one table serves every start.
  Seqs rel(const Seqs& seqs) const {
    Seqs out;
    for (uint64_t s : seqs) out.push_back(s - GetParam());
    return out;
  }
};

TEST_P(Reading, PeekTable) {
  PlainMemory memory(small(8), GetParam());
  Member m(memory);
  EXPECT_EQ(peeked(m.ring(), 0), Seqs{});
  EXPECT_EQ(peeked(m.ring(), -3), Seqs{});
  putMany(m.ring(), 5);
  EXPECT_EQ(rel(peeked(m.ring(), 0)), (Seqs{0, 1, 2, 3, 4}));
  EXPECT_EQ(rel(peeked(m.ring(), 2)), (Seqs{0, 1}));
  EXPECT_EQ(rel(peeked(m.ring(), -2)), (Seqs{3, 4}));
  EXPECT_EQ(rel(peeked(m.ring(), 99)), (Seqs{0, 1, 2, 3, 4}));
  EXPECT_EQ(rel(peeked(m.ring(), -99)), (Seqs{0, 1, 2, 3, 4}));
  EXPECT_EQ(rel(peeked(m.ring(), INT64_MIN)), (Seqs{0, 1, 2, 3, 4}));
  EXPECT_EQ(rel(peeked(m.ring(), INT64_MAX)), (Seqs{0, 1, 2, 3, 4}));
  putMany(m.ring(), 7);
  EXPECT_EQ(rel(peeked(m.ring(), 0)), (Seqs{4, 5, 6, 7, 8, 9, 10, 11}));
  EXPECT_EQ(audit(m.ring()), "");
}

TEST_P(Reading, PopTable) {
  PlainMemory memory(small(8), GetParam());
  Member m(memory);
  putMany(m.ring(), 8);
  EXPECT_EQ(rel(popped(m.ring(), 2)), (Seqs{0, 1}));
  EXPECT_EQ(rel(popped(m.ring(), -2)), (Seqs{6, 7}));
  EXPECT_EQ(rel(peeked(m.ring(), 0)), (Seqs{2, 3, 4, 5}));
  EXPECT_EQ(rel(peeked(m.ring(), -1)), (Seqs{5})) << "newest that is left";
  EXPECT_EQ(rel(popped(m.ring(), 0)), (Seqs{2, 3, 4, 5}));
  EXPECT_EQ(popped(m.ring(), 0), Seqs{});
  EXPECT_EQ(popped(m.ring(), 1), Seqs{});
  EXPECT_EQ(m->counters().popped, 8u);
  putMany(m.ring(), 3);
  EXPECT_EQ(rel(peeked(m.ring(), 0)), (Seqs{8, 9, 10}));
  EXPECT_EQ(audit(m.ring()), "");
}

TEST_P(Reading, LapsOfTheIndex) {
  PlainMemory memory(small(5, 4096), GetParam());
  Member m(memory);
  for (uint64_t i = 0; i < 100; ++i) {
    putMany(m.ring(), 1);
    const uint64_t first = i < 4 ? 0 : i - 4;
    Seqs want(i - first + 1);
    std::iota(want.begin(), want.end(), first);
    ASSERT_EQ(rel(peeked(m.ring(), 0)), want);
  }
  EXPECT_EQ(m->counters().evicted, 95u);
  EXPECT_EQ(audit(m.ring()), "");
}

INSTANTIATE_TEST_SUITE_P(Starts, Reading,
                         ::testing::Values(1ull, (1ull << 40) - 5, (1ull << 63) - 5, (1ull << 32) - 3));

TEST(ReadingDetails, OneRecordByItsNumber) {
  PlainMemory memory(small(8));
  Member m(memory);
  putMany(m.ring(), 9);
  Collect sink;
  EXPECT_EQ(m->readOne(1, false, sink), Status::gone);
  EXPECT_EQ(m->readOne(0, false, sink), Status::gone);
  EXPECT_EQ(m->readOne(10, true, sink), Status::empty);
  EXPECT_EQ(m->readOne(2, false, sink), Status::ok);
  EXPECT_EQ(m->readOne(2, true, sink), Status::ok);
  EXPECT_EQ(m->readOne(2, true, sink), Status::gone);
  EXPECT_EQ(sink.seqs(), (Seqs{2, 2}));
  EXPECT_EQ(m->oldestSeq(), 3u);
  EXPECT_EQ(m->counters().popped, 1u);
  EXPECT_EQ(sink.got[0].record.offset % kUnit, 0u);
  Member observer(memory, true);
  EXPECT_EQ(observer->readOne(3, true, sink), Status::unsupported);
  EXPECT_EQ(observer->readOne(3, false, sink), Status::ok);
}

TEST(ReadingDetails, SequencesStopAtTheRoom) {
  PlainMemory memory(small(8));
  Member m(memory);
  putMany(m.ring(), 5);
  ASSERT_EQ(popped(m.ring(), -1), (Seqs{5}));
  uint64_t two[2];
  EXPECT_EQ(m->sequences(0, two, 2), 2u);
  EXPECT_EQ(two[1], 2u);
  EXPECT_EQ(m->sequences(-3, two, 2), 2u);
  EXPECT_EQ(two[0], 3u) << "the newest ones";
  EXPECT_EQ(m->sequences(0, two, 0), 0u);
}

TEST(ReadingDetails, ExpiredIsInvisibleWithoutAnyPut) {
  Options o = small(8);
  o.ttlNs = 1000;
  PlainMemory memory(o);
  Member m(memory);
  Member other(memory, true);
  putMany(m.ring(), 2);
  memory.clock.advance(600);
  putMany(m.ring(), 2);
  EXPECT_EQ(peeked(other.ring(), 0), (Seqs{1, 2, 3, 4}));
  memory.clock.advance(600);
  EXPECT_EQ(peeked(other.ring(), 0), (Seqs{3, 4}));
  EXPECT_EQ(peeked(m.ring(), 1), (Seqs{3}));
  EXPECT_EQ(peeked(m.ring(), -9), (Seqs{3, 4}));
  Found found;
  EXPECT_EQ(m->findRecord(1, found), Status::expired);
  memory.clock.advance(600);
  EXPECT_EQ(peeked(m.ring(), 0), Seqs{});
  EXPECT_EQ(popped(m.ring(), 0), Seqs{});
  EXPECT_EQ(m->findNewest(found), Status::empty);
  Lease lease;
  EXPECT_EQ(m->leaseNewest(lease), Status::empty);
  EXPECT_EQ(m->counters().expired, 0u);
  putMany(m.ring(), 1);
  EXPECT_EQ(m->counters().expired, 4u) << "the put tidies";
  EXPECT_EQ(peeked(m.ring(), 0), (Seqs{5}));
}

TEST(ReadingDetails, ExpiryTidiesAFewPerPut) {
  Options o = small(64);
  o.ttlNs = 1000;
  PlainMemory memory(o);
  Member m(memory);
  putMany(m.ring(), 20);
  memory.clock.advance(2000);
  putMany(m.ring(), 1);
  EXPECT_EQ(m->counters().expired, 8u);
  putMany(m.ring(), 1);
  EXPECT_EQ(m->counters().expired, 16u);
  EXPECT_EQ(audit(m.ring()), "");
}

TEST(ReadingDetails, TimeNeverRunsBackwards) {
  PlainMemory memory(small(8));
  Member m(memory);
  putMany(m.ring(), 1);
  memory.clock.now -= 500;
  putMany(m.ring(), 1);
  EXPECT_EQ(audit(m.ring()), "");
}

TEST(ReadingDetails, SinkThatRefusesStopsAndConsumesNothing) {
  for (const uint64_t length : {100ull, 300000ull}) {
    PlainMemory memory(small(8, 4 << 20));
    Member m(memory);
    putMany(m.ring(), 4, length);
    Collect sink;
    sink.budget = 2;
    uint64_t delivered = 0;
    EXPECT_EQ(m->pop(0, sink, &delivered), Status::noBuffer);
    EXPECT_EQ(delivered, 2u);
    EXPECT_EQ(peeked(m.ring(), 0), (Seqs{3, 4}));
    EXPECT_EQ(m->leasesHeld(), 0u);
    EXPECT_EQ(audit(m.ring()), "");
  }
}

TEST(ReadingDetails, TwoStepCopyNoticesTheLap) {
  PlainMemory memory(small(4, 4096));
  Member m(memory);
  putMany(m.ring(), 1);
  Found found;
  std::vector<uint8_t> into(100);
  ASSERT_EQ(m->findRecord(1, found), Status::ok);
  EXPECT_EQ(m->copyRecord(found, into.data()), Status::ok);
  EXPECT_TRUE(wholePattern(into.data(), into.size()));
  putMany(m.ring(), 4);
  EXPECT_EQ(m->copyRecord(found, into.data()), Status::gone);
  EXPECT_EQ(m->findRecord(1, found), Status::gone);
  EXPECT_EQ(m->findRecord(6, found), Status::empty);
  EXPECT_EQ(m->findRecord(0, found), Status::gone);
}

// A consumer that pops between another's copy and its claim.
class Thief final : public RecordSink {
 public:
  Thief(Ring& other, RecordSink& loot) : other_(other), loot_(loot) {}
  bool reserve(const Record& record, void** target) override {
    buffer_.resize(record.length);
    *target = buffer_.data();
    if (armed) {
      armed = false;
      EXPECT_EQ(other_.pop(1, loot_, nullptr), Status::ok);
    }
    return true;
  }
  void accept(const Record& record) override { accepted.push_back(record.seq); }
  void reject(const Record& record) override { rejected.push_back(record.seq); }
  bool armed = true;
  Seqs accepted;
  Seqs rejected;

 private:
  Ring& other_;
  RecordSink& loot_;
  std::vector<uint8_t> buffer_;
};

TEST(ReadingDetails, TwoConsumersNeverGetTheSameRecord) {
  for (const uint64_t length : {64ull, 300000ull}) {
    PlainMemory memory(small(8, 4 << 20));
    Member a(memory);
    Member b(memory);
    putMany(a.ring(), 2, length);
    Collect loot;
    Thief sink(b.ring(), loot);
    EXPECT_EQ(a->pop(2, sink, nullptr), Status::ok);
    EXPECT_EQ(loot.seqs(), (Seqs{1}));
    EXPECT_EQ(sink.rejected, (Seqs{1}));
    EXPECT_EQ(sink.accepted, (Seqs{2}));
    EXPECT_EQ(a->counters().popped, 2u);
    EXPECT_EQ(audit(a.ring()), "");
  }
}

TEST(ReadingDetails, ObserverLooksAndTouchesNothing) {
  PlainMemory memory(small(8));
  Member m(memory);
  Member observer(memory, true);
  putMany(m.ring(), 3);
  std::vector<uint8_t> before(memory.bytes(), memory.bytes() + memory.geometry.totalBytes);
  EXPECT_EQ(peeked(observer.ring(), 0), (Seqs{1, 2, 3}));
  EXPECT_EQ(observer->live().records, 3u);
  Collect sink;
  Lease lease;
  Loan loan;
  EXPECT_EQ(observer->pop(1, sink, nullptr), Status::unsupported);
  EXPECT_EQ(observer->put("x", 1, {}, nullptr), Status::unsupported);
  EXPECT_EQ(observer->loan(1, 64, loan), Status::unsupported);
  EXPECT_EQ(observer->lease(1, lease), Status::unsupported);
  EXPECT_EQ(observer->arm(1), Status::unsupported);
  EXPECT_EQ(std::memcmp(before.data(), memory.bytes(), before.size()), 0);
}

TEST(ReadingDetails, EmptyRecordsAreRecords) {
  PlainMemory memory(small(8));
  Member m(memory);
  ASSERT_EQ(m->put(nullptr, 0, {}, nullptr), Status::ok);
  Collect sink;
  EXPECT_EQ(m->peek(0, sink, nullptr), Status::ok);
  ASSERT_EQ(sink.got.size(), 1u);
  EXPECT_EQ(sink.got[0].record.length, 0u);
}

TEST(ReadingDetails, ClosedRingAnswersClosed) {
  PlainMemory memory(small(8));
  Member m(memory);
  putMany(m.ring(), 1);
  m->leave();
  Collect sink;
  EXPECT_EQ(m->peek(0, sink, nullptr), Status::closed);
  EXPECT_EQ(m->put("x", 1, {}, nullptr), Status::closed);
  EXPECT_EQ(m->waitFor(9, 1), Status::closed);
}

}  // namespace
