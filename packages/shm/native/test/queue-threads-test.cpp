#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "support/audit.hpp"
#include "support/pattern.hpp"
#include "support/shared-map.hpp"
#include "support/sinks.hpp"

using namespace rmq::ring;
using namespace rmq::ring::test;

namespace {

#ifdef RMQ_TSAN
constexpr uint64_t kItems = 3000;
#else
constexpr uint64_t kItems = 30000;
#endif
constexpr uint64_t kForEver = 60000000000ull;

Options small() {
  Options o;
  o.mode = kModeQueue;
  o.capacityBytes = 64 * 1024;
  o.maxRecords = 16;
  o.participants = 12;
  return o;
}

// Tags: who put it in the upper half, a running number below.
void produce(SharedMap& map, uint64_t who) {
  SharedMap::Member me(map);
  std::mt19937_64 random(who);
  std::vector<std::vector<uint8_t>> data(8, std::vector<uint8_t>(6000));
  for (uint64_t i = 0; i < kItems;) {
    Piece pieces[8];
    const uint64_t n = std::min<uint64_t>(random() % 4 ? 1 : 1 + random() % 8, kItems - i);
    for (uint64_t k = 0; k < n; ++k) {
      const uint64_t length = 8 + random() % (random() % 8 ? 200 : 4000);
      fillPattern(data[k].data(), length, who << 32 | (i + k));
      pieces[k] = Piece{data[k].data(), length};
    }
    uint64_t done = 0;
    if (n > 1) {
      const Status s = me->putBatch(pieces, n, {}, &done);
      ASSERT_TRUE(s == Status::ok || s == Status::full) << statusName(s);
    }
    if (done == 0) {
      ASSERT_EQ(me->putWithin(pieces[0].data, pieces[0].length, {}, kForEver, nullptr), Status::ok);
      done = 1;
    }
    i += done;
  }
}

struct Tally {
  std::atomic<uint64_t> taken{0};
  std::atomic<uint64_t> torn{0};
  std::atomic<uint64_t> outOfOrder{0};
  std::atomic<uint64_t> doubled{0};
  std::vector<std::atomic<uint8_t>> seen = std::vector<std::atomic<uint8_t>>(4 * kItems);
};

void consume(SharedMap& map, Tally& tally, uint64_t seed, uint64_t total) {
  SharedMap::Member me(map);
  std::mt19937_64 random(seed);
  uint64_t lastSeq = 0;
  uint64_t lastOf[4] = {};
  while (tally.taken.load() < total) {
    Collect sink;
    uint64_t delivered;
    const Status s = me->popWithin(random() % 4 ? 1 : 1 + static_cast<int64_t>(random() % 8), sink, 5000000, &delivered);
    ASSERT_TRUE(s == Status::ok || s == Status::timedOut) << statusName(s);
    for (const Got& g : sink.got) {
      const uint64_t tag = patternTag(g.bytes.data());
      const uint64_t who = tag >> 32;
      const uint64_t i = tag & 0xFFFFFFFFu;
      if (!wholePattern(g.bytes.data(), g.bytes.size())) tally.torn.fetch_add(1);
      // One consumer sees the queue's order, and each producer's in it.
      if (g.record.seq <= lastSeq || i + 1 <= lastOf[who]) tally.outOfOrder.fetch_add(1);
      lastSeq = g.record.seq;
      lastOf[who] = i + 1;
      if (tally.seen[who * kItems + i].fetch_add(1) != 0) tally.doubled.fetch_add(1);
      tally.taken.fetch_add(1);
    }
  }
}

void run(uint64_t producers, uint64_t consumers) {
  SharedMap map(small());
  Tally tally;
  std::vector<std::thread> threads;
  for (uint64_t p = 0; p < producers; ++p) threads.emplace_back([&, p] { produce(map, p); });
  for (uint64_t c = 0; c < consumers; ++c) {
    threads.emplace_back([&, c] { consume(map, tally, 100 + c, producers * kItems); });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(tally.taken.load(), producers * kItems);
  EXPECT_EQ(tally.torn.load(), 0u);
  EXPECT_EQ(tally.doubled.load(), 0u);
  EXPECT_EQ(tally.outOfOrder.load(), 0u);
  EXPECT_EQ(map.first().depth(), 0u);
  EXPECT_EQ(audit(map.first()), "");
}

TEST(QueueThreads, OneToOne) { run(1, 1); }
TEST(QueueThreads, ManyToOne) { run(3, 1); }
TEST(QueueThreads, OneToMany) { run(1, 3); }
TEST(QueueThreads, ManyToMany) { run(3, 2); }

// Who sleeps is woken by what it waits for, not by looking again.
TEST(QueueThreads, SleepersAreWokenAtOnce) {
  Options o = small();
  o.maxRecords = 1;
  SharedMap map(o);
  MonotonicClock clock;
  constexpr int kRounds = 300;
  uint64_t worst = 0;
  int slow = 0;
  std::thread echo([&] {
    SharedMap::Member me(map);
    for (int i = 0; i < kRounds; ++i) {
      Collect sink;
      uint64_t delivered;
      ASSERT_EQ(me->popWithin(1, sink, kForEver, &delivered), Status::ok);
    }
  });
  SharedMap::Member me(map);
  for (int i = 0; i < kRounds; ++i) {
    const uint64_t start = clock.nowNs();
    ASSERT_EQ(me->putWithin("x", 1, {}, kForEver, nullptr), Status::ok);
    const uint64_t took = clock.nowNs() - start;
    worst = std::max(worst, took);
    slow += took > 90000000 ? 1 : 0;
  }
  echo.join();
  EXPECT_LT(slow, 3) << "the worst of " << kRounds << " took " << worst << " ns";
}

TEST(QueueThreads, WaitsEndInTime) {
  SharedMap map(small());
  SharedMap::Member me(map);
  MonotonicClock clock;
  Collect sink;
  uint64_t delivered;
  uint64_t start = clock.nowNs();
  EXPECT_EQ(me->popWithin(1, sink, 30000000, &delivered), Status::timedOut);
  EXPECT_GE(clock.nowNs() - start, 30000000u);
  while (me->put("x", 1, {}, nullptr) == Status::ok) {
  }
  start = clock.nowNs();
  EXPECT_EQ(me->putWithin("x", 1, {}, 30000000, nullptr), Status::timedOut);
  EXPECT_GE(clock.nowNs() - start, 30000000u);
  EXPECT_EQ(me->core().v.h->space.mask[0].load(), 0u) << "nobody waits any more";
}

TEST(QueueThreads, TheEndWakesEverybody) {
  SharedMap map(small());
  SharedMap::Member me(map);
  while (me->put("x", 1, {}, nullptr) == Status::ok) {
  }
  std::thread putter([&] {
    SharedMap::Member other(map);
    EXPECT_EQ(other->putWithin("x", 1, {}, kForEver, nullptr), Status::closed);
  });
  ASSERT_TRUE(eventually([&] { return me->core().v.h->space.mask[0].load() != 0; }));
  MonotonicClock clock;
  const uint64_t start = clock.nowNs();
  me->retire();
  putter.join();
  EXPECT_LT(clock.nowNs() - start, 2000000000u);
}

}  // namespace
