#include <gtest/gtest.h>

#include <functional>

#include "step.hpp"
#include "support/audit.hpp"
#include "support/pattern.hpp"
#include "support/plain-memory.hpp"
#include "support/sinks.hpp"
#include "word.hpp"

#ifndef RMQ_STEPS
#error "build with RMQ_STEPS"
#endif

using namespace rmq::ring;
using namespace rmq::ring::test;

namespace {

// One operation is halted between two of its steps while others do as much as
// they like: every such interleaving, without threads and without luck.
constexpr int kSteps = static_cast<int>(Step::count);

int haltAt = -1;
int countdown = 0;
int hits[kSteps];
bool inside = false;
std::function<void()> meanwhile;

void halt(Step step) {
  if (inside) return;
  const int s = static_cast<int>(step);
  ++hits[s];
  if (s != haltAt || --countdown != 0) return;
  inside = true;
  meanwhile();
  inside = false;
}

constexpr uint64_t kLength = 1500;

struct Cast {
  PlainMemory memory{options()};
  Member actor{memory};
  Member other{memory};
  Member third{memory};
  uint64_t tag = 1000;
  std::vector<uint64_t> poppedByOthers;

  static Options options() {
    Options o;
    o.capacityBytes = 2 << 20;
    o.maxRecords = 8;
    o.participants = 4;
    o.leaseBudgetBytes = 2 << 20;
    return o;
  }
  bool locked() { return !lockword::isFree(other->core().v.h->lock.word.load()); }
  void put(Ring& ring, uint64_t length = kLength) {
    std::vector<uint8_t> data(length);
    fillPattern(data.data(), length, tag++);
    ASSERT_EQ(ring.put(data.data(), length, {}, nullptr), Status::ok);
  }
  void lap() {
    // Twice over all the bytes, so that whatever is not protected is rewritten.
    for (int i = 0; i < 14; ++i) put(other.ring(), 300 * 1024);
    for (int i = 0; i < 10; ++i) put(other.ring());
  }
  void look() {
    Collect all;
    ASSERT_EQ(third->peek(0, all, nullptr), Status::ok);
    for (const auto& g : all.got) ASSERT_TRUE(wholePattern(g.bytes.data(), g.bytes.size()));
    Lease lease;
    if (third->leaseNewest(lease) == Status::ok) {
      ASSERT_TRUE(wholePattern(lease.data, lease.record.length));
      third->unlease(lease);
    }
  }
  void pop(int64_t n) {
    Collect sink;
    ASSERT_EQ(third->pop(n, sink, nullptr), Status::ok);
    for (const auto& g : sink.got) {
      ASSERT_TRUE(wholePattern(g.bytes.data(), g.bytes.size()));
      poppedByOthers.push_back(g.record.seq);
    }
  }
};

struct Act {
  const char* name;
  uint64_t length;
  std::function<void(Cast&)> run;
};

void popAndCompare(Cast& cast, int64_t n) {
  Collect sink;
  ASSERT_EQ(cast.actor->pop(n, sink, nullptr), Status::ok);
  for (const auto& g : sink.got) {
    ASSERT_TRUE(wholePattern(g.bytes.data(), g.bytes.size()));
    for (uint64_t seq : cast.poppedByOthers) ASSERT_NE(seq, g.record.seq) << "two consumers, one record";
  }
}

void leaseAndWatch(Cast& cast, uint64_t seq) {
  Lease lease;
  const Status s = seq == 0 ? cast.actor->leaseNewest(lease) : cast.actor->lease(seq, lease);
  if (s != Status::ok) {
    ASSERT_TRUE(s == Status::gone || s == Status::empty) << statusName(s);
    ASSERT_EQ(cast.actor->leasesHeld(), 0u);
    return;
  }
  ASSERT_TRUE(wholePattern(lease.data, lease.record.length));
  const bool was = inside;
  inside = true;
  cast.lap();
  inside = was;
  ASSERT_TRUE(wholePattern(lease.data, lease.record.length)) << "leased bytes were rewritten";
  cast.actor->unlease(lease);
}

const std::vector<Act>& acts() {
  static const std::vector<Act> all = {
      {"peek", kLength,
       [](Cast& c) {
         Collect sink;
         ASSERT_EQ(c.actor->peek(0, sink, nullptr), Status::ok);
         for (const auto& g : sink.got) ASSERT_TRUE(wholePattern(g.bytes.data(), g.bytes.size()));
       }},
      {"pop_oldest", kLength, [](Cast& c) { popAndCompare(c, 3); }},
      {"pop_newest", kLength, [](Cast& c) { popAndCompare(c, -3); }},
      {"pop_in_place", 260 * 1024, [](Cast& c) { popAndCompare(c, 2); }},
      {"lease_newest", kLength, [](Cast& c) { leaseAndWatch(c, 0); }},
      {"lease_oldest", kLength, [](Cast& c) { leaseAndWatch(c, c.actor->oldestSeq()); }},
      {"take_leased", kLength,
       [](Cast& c) {
         Lease lease;
         if (c.actor->lease(c.actor->oldestSeq(), lease) != Status::ok) return;
         const Status s = c.actor->take(lease);
         ASSERT_TRUE(s == Status::ok || s == Status::gone) << statusName(s);
         for (uint64_t seq : c.poppedByOthers) {
           ASSERT_FALSE(s == Status::ok && seq == lease.record.seq) << "two consumers, one record";
         }
         ASSERT_TRUE(wholePattern(lease.data, lease.record.length));
         c.actor->unlease(lease);
       }},
      {"put_small", kLength, [](Cast& c) { c.put(c.actor.ring(), 500); }},
      {"put_large", kLength, [](Cast& c) { c.put(c.actor.ring(), 400 * 1024); }},
      {"loan_discard", kLength,
       [](Cast& c) {
         Loan loan;
         ASSERT_EQ(c.actor->loan(100000, 4096, loan), Status::ok);
         fillPattern(loan.data, 100000, 7);
         ASSERT_TRUE(wholePattern(loan.data, 100000));
         ASSERT_EQ(c.actor->discard(loan), Status::ok);
       }},
  };
  return all;
}

void dress(Cast& cast, uint64_t length) {
  for (int i = 0; i < 12; ++i) cast.put(cast.other.ring(), length);
}

class Interleave : public ::testing::TestWithParam<std::tuple<size_t, int>> {};

TEST_P(Interleave, OthersRunBetweenAnyTwoSteps) {
  const Act& act = acts()[std::get<0>(GetParam())];
  const int kind = std::get<1>(GetParam());
  stepHook = halt;
  haltAt = -1;
  for (int& h : hits) h = 0;
  {
    Cast cast;
    inside = true;
    dress(cast, act.length);
    inside = false;
    act.run(cast);
  }
  int passes[kSteps];
  std::copy(std::begin(hits), std::end(hits), std::begin(passes));
  int halts = 0;
  for (int step = 0; step < kSteps; ++step) {
    for (int nth = 1; nth <= passes[step] && nth <= 3; ++nth) {
      SCOPED_TRACE(std::string(act.name) + ", step " + std::to_string(step) + " #" + std::to_string(nth));
      Cast cast;
      inside = true;
      dress(cast, act.length);
      inside = false;
      haltAt = step;
      countdown = nth;
      meanwhile = [&] {
        ++halts;
        if (kind == 1) cast.pop(1);
        if (kind == 2) cast.pop(-8);
        // Whoever needs the lock has to wait; readers never do.
        if (kind == 0 && !cast.locked()) cast.lap();
        cast.look();
      };
      act.run(cast);
      haltAt = -1;
      if (HasFatalFailure()) break;
      inside = true;
      EXPECT_EQ(audit(cast.other.ring()), "");
      const Counters c = cast.other->counters();
      EXPECT_EQ(c.evicted + c.expired + c.popped + cast.other->live().records, c.published);
      EXPECT_EQ(cast.actor->leasesHeld(), 0u);
      cast.lap();
      inside = false;
    }
    if (HasFatalFailure()) break;
  }
  stepHook = nullptr;
  EXPECT_GT(halts, 3);
}

std::string nameOf(const ::testing::TestParamInfo<std::tuple<size_t, int>>& info) {
  const char* const kinds[] = {"_lapped", "_oldest_popped", "_all_popped"};
  return std::string(acts()[std::get<0>(info.param)].name) + kinds[std::get<1>(info.param)];
}

INSTANTIATE_TEST_SUITE_P(Acts, Interleave,
                         ::testing::Combine(::testing::Range<size_t>(0, acts().size()), ::testing::Range(0, 3)),
                         nameOf);

TEST(Interleaved, RetiringBetweenArmingAndLookingIsNeverMissed) {
  for (const Step step : {Step::armed, Step::sleepArmed}) {
    Cast cast;
    cast.actor->setBell(1, 1);
    stepHook = halt;
    haltAt = static_cast<int>(step);
    countdown = 1;
    meanwhile = [&] { cast.other->retire(); };
    if (step == Step::armed) {
      EXPECT_EQ(cast.actor->arm(1), Status::exists);
      EXPECT_EQ(cast.other.bells.rings, 1);
    } else {
      MonotonicClock clock;
      const uint64_t start = clock.nowNs();
      EXPECT_EQ(cast.actor->waitFor(1, 1000000000), Status::closed);
      EXPECT_LT(clock.nowNs() - start, 50000000u);
    }
    stepHook = nullptr;
    haltAt = -1;
  }
}

TEST(Interleaved, ArmingBetweenRetiringAndWakingIsNeverMissed) {
  Cast cast;
  cast.actor->setBell(1, 1);
  stepHook = halt;
  haltAt = static_cast<int>(Step::retireStored);
  countdown = 1;
  meanwhile = [&] { EXPECT_EQ(cast.actor->arm(1), Status::exists); };
  cast.other->retire();
  stepHook = nullptr;
  haltAt = -1;
  EXPECT_EQ(cast.actor->core().v.h->bells.wait[0].load(), 0u);
}

TEST(Interleaved, PutBetweenArmingAndLookingIsNeverMissed) {
  for (const Step step : {Step::armed, Step::sleepArmed}) {
    Cast cast;
    cast.actor->setBell(1, 1);
    stepHook = halt;
    haltAt = static_cast<int>(step);
    countdown = 1;
    meanwhile = [&] { cast.put(cast.other.ring()); };
    if (step == Step::armed) {
      const Status s = cast.actor->arm(1);
      EXPECT_TRUE(s == Status::exists || cast.other.bells.rings == 1);
      EXPECT_EQ(cast.other.bells.rings, 1);
    } else {
      MonotonicClock clock;
      const uint64_t start = clock.nowNs();
      EXPECT_EQ(cast.actor->waitFor(1, 1000000000), Status::ok);
      EXPECT_LT(clock.nowNs() - start, 50000000u);
    }
    stepHook = nullptr;
    haltAt = -1;
  }
}

}  // namespace
