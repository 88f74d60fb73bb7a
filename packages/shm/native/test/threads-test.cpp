#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "payload.hpp"
#include "subscriber.hpp"
#include "support/audit.hpp"
#include "support/pattern.hpp"
#include "support/shared-map.hpp"
#include "support/sinks.hpp"

using namespace rmq::ring;
using namespace rmq::ring::test;

namespace {

#ifdef RMQ_TSAN
constexpr int kScale = 1;
#else
constexpr int kScale = 10;
#endif

Options tight() {
  Options o;
  o.capacityBytes = 64 * 1024;
  o.maxRecords = 16;
  o.participants = 12;
  o.leaseBudgetBytes = 32 * 1024;
  return o;
}

struct Tally {
  std::atomic<uint64_t> torn{0};
  std::atomic<uint64_t> popped{0};
  std::atomic<uint64_t> doubled{0};
  std::atomic<bool> stop{false};
  std::vector<std::atomic<uint8_t>> taken = std::vector<std::atomic<uint8_t>>(1 << 22);
};

class Check final : public RecordSink {
 public:
  Check(Tally& tally, bool taking) : tally_(tally), taking_(taking) {}
  bool reserve(const Record& record, void** target) override {
    buffer_.resize(record.length);
    *target = buffer_.data();
    return true;
  }
  void accept(const Record& record) override {
    if (!wholePattern(buffer_.data(), record.length)) tally_.torn.fetch_add(1);
    if (!taking_) return;
    tally_.popped.fetch_add(1);
    if (tally_.taken[record.seq % tally_.taken.size()].fetch_add(1) != 0) tally_.doubled.fetch_add(1);
  }
  void reject(const Record&) override {}

 private:
  Tally& tally_;
  bool taking_;
  std::vector<uint8_t> buffer_;
};

void write(SharedMap& map, uint64_t seed, int puts) {
  SharedMap::Member me(map);
  std::mt19937_64 random(seed);
  std::vector<uint8_t> data(8000);
  for (int i = 0; i < puts; ++i) {
    const uint64_t length = 8 + random() % (random() % 4 ? 600 : 6000);
    fillPattern(data.data(), length, seed << 32 | static_cast<uint64_t>(i));
    Status s;
    if (random() % 3 == 0) {
      Loan loan;
      s = me->loan(length, 64, loan);
      if (s == Status::ok) {
        copyIn(loan.data, data.data(), length);
        s = random() % 8 ? me->commit(loan, length, {}, nullptr) : me->discard(loan);
      }
    } else {
      s = me->put(data.data(), length, {}, nullptr);
    }
    if (s != Status::ok && s != Status::pinned) ADD_FAILURE() << statusName(s);
  }
}

void leaseOver(SharedMap& map, Tally& tally, uint64_t seed) {
  SharedMap::Member me(map);
  std::mt19937_64 random(seed);
  std::vector<Lease> held;
  while (!tally.stop.load()) {
    Lease lease;
    if (me->leaseNewest(lease) == Status::ok) held.push_back(lease);
    while (held.size() > random() % 4) {
      if (!wholePattern(held.front().data, held.front().record.length)) tally.torn.fetch_add(1);
      me->unlease(held.front());
      held.erase(held.begin());
    }
    std::this_thread::yield();
  }
  for (auto& l : held) me->unlease(l);
}

void subscribe(SharedMap& map, Tally& tally) {
  SharedMap::Member me(map);
  Subscriber s(me.ring(), 1);
  Check check(tally, false);
  while (!tally.stop.load()) {
    while (s.next(check) == Status::ok) {
    }
    me->waitFor(s.cursor(), 1000000);
  }
  while (s.next(check) == Status::ok) {
  }
  EXPECT_EQ(s.ledger().received + s.ledger().lost, me->counters().published);
}

void consume(SharedMap& map, Tally& tally, uint64_t seed) {
  SharedMap::Member me(map);
  std::mt19937_64 random(seed);
  Check take(tally, true);
  Check look(tally, false);
  while (!tally.stop.load()) {
    me->pop(static_cast<int64_t>(random() % 5) - 2, take, nullptr);
    me->peek(static_cast<int64_t>(random() % 5) - 2, look, nullptr);
    std::this_thread::yield();
  }
}

TEST(Threads, EverybodyAtOnce) {
  SharedMap map(tight());
  Tally tally;
  std::vector<std::thread> readers;
  readers.emplace_back([&] { leaseOver(map, tally, 1); });
  readers.emplace_back([&] { leaseOver(map, tally, 2); });
  readers.emplace_back([&] { subscribe(map, tally); });
  readers.emplace_back([&] { consume(map, tally, 3); });
  readers.emplace_back([&] { consume(map, tally, 4); });
  std::vector<std::thread> writers;
  for (uint64_t w = 0; w < 3; ++w) {
    writers.emplace_back([&, w] { write(map, 10 + w, 3000 * kScale); });
  }
  for (auto& t : writers) t.join();
  tally.stop.store(true);
  for (auto& t : readers) t.join();
  EXPECT_EQ(tally.torn.load(), 0u);
  EXPECT_EQ(tally.doubled.load(), 0u);
  EXPECT_EQ(tally.popped.load(), map.first().counters().popped);
  const Counters c = map.first().counters();
  EXPECT_EQ(c.evicted + c.expired + c.popped + map.first().live().records, c.published);
  EXPECT_EQ(audit(map.first()), "");
  EXPECT_EQ(auditIdle(map.first()), "");
}

// One thread hands every record to another by futex: no wake may be missing.
TEST(Threads, PingPong) {
  SharedMap map(tight());
  constexpr uint64_t kRounds = 2000 * kScale;
  std::thread other([&] {
    SharedMap::Member me(map);
    for (uint64_t i = 0; i < kRounds; ++i) {
      ASSERT_EQ(me->waitFor(2 * i + 1, 20000000000ull), Status::ok);
      ASSERT_EQ(me->put("pong", 4, {}, nullptr), Status::ok);
    }
  });
  SharedMap::Member me(map);
  for (uint64_t i = 0; i < kRounds; ++i) {
    ASSERT_EQ(me->put("ping", 4, {}, nullptr), Status::ok);
    ASSERT_EQ(me->waitFor(2 * i + 2, 20000000000ull), Status::ok);
  }
  other.join();
}

// Participants come, hold things, and die, while others recover from it.
TEST(Threads, DyingAmongTheLiving) {
  SharedMap map(tight());
  Tally tally;
  std::thread writer([&] {
    write(map, 21, 2000 * kScale);
    tally.stop.store(true);
  });
  std::thread reader([&] { leaseOver(map, tally, 22); });
  uint64_t deaths = 0;
  std::mt19937_64 random(23);
  while (!tally.stop.load()) {
    SharedMap::Member victim(map);
    Lease lease;
    victim->leaseNewest(lease);
    Loan loan;
    victim->loan(100 + random() % 2000, 64, loan);
    if (random() % 2) {
      victim.die();
      ++deaths;
    }
    if (random() % 4 == 0) map.first().reapDead();
  }
  writer.join();
  reader.join();
  map.first().reapDead();
  EXPECT_GT(deaths, 0u);
  EXPECT_EQ(tally.torn.load(), 0u);
  EXPECT_EQ(audit(map.first()), "");
  EXPECT_EQ(auditIdle(map.first()), "");
}

}  // namespace
