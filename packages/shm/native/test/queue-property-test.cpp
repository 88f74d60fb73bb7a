#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>

#include "support/audit.hpp"
#include "support/pattern.hpp"
#include "support/plain-memory.hpp"
#include "support/sanitized.hpp"
#include "support/sinks.hpp"
#include "word.hpp"

using namespace rmq::ring;
using namespace rmq::ring::test;

namespace {

struct Item {
  uint64_t tag;
  uint64_t length;
};

// Would this many bytes fit between all that may not move? Looked up without the
// allocator's lists.
bool fits(Ring& ring, uint64_t bytes, const std::vector<uint64_t>& leasedWords) {
  const View& v = ring.core().v;
  std::vector<std::pair<uint64_t, uint64_t>> walls;
  for (uint32_t id = 0; id < v.g.descriptors; ++id) {
    const Descriptor& d = v.desc[id];
    const uint64_t w = d.word.load();
    bool wall = word::state(w) == State::live || word::state(w) == State::loaned;
    for (const uint64_t leased : leasedWords) wall |= leased == tagged::make(id, word::generation(w));
    if (wall && word::state(w) != State::free) walls.emplace_back(d.off.load(), d.foot.load());
  }
  std::sort(walls.begin(), walls.end());
  const uint64_t need = footprint(bytes) / kUnit;
  uint64_t end = 0;
  for (const auto& [off, foot] : walls) {
    if (off - end >= need) return true;
    end = off + foot;
  }
  return v.arenaUnits() - end >= need;
}

class QueueProperty : public ::testing::TestWithParam<uint64_t> {};

// Random operations of three participants, some of whom die, against a deque: the
// same items in the same order, FULL exactly when the count or the gaps say so.
TEST_P(QueueProperty, BehavesLikeADeque) {
  const uint64_t seed = GetParam();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  Options options;
  options.mode = kModeQueue;
  options.capacityBytes = 4096 * (1 + random() % 16);
  options.maxRecords = 1 + static_cast<uint32_t>(random() % 40);
  options.participants = 4;
  options.leaseBudgetBytes = options.capacityBytes;
  const uint64_t starts[] = {1, (1ull << 40) - 50, (1ull << 63) - 50};
  const uint64_t first = starts[random() % 3];
  PlainMemory memory(options, first);
  const uint64_t maxLength = std::min<uint64_t>(memory.geometry.arenaBytes / 4, 3000);
  std::vector<std::unique_ptr<Member>> members;
  for (int i = 0; i < 3; ++i) members.push_back(std::make_unique<Member>(memory));
  struct Held {
    size_t who;
    Lease lease;
  };
  struct Open {
    size_t who;
    Loan loan;
    Item item;
  };
  std::vector<Held> leases;
  std::vector<Open> loans;
  std::deque<Item> model;
  uint64_t tag = 1;
  uint64_t published = 0;
  uint64_t popped = 0;

  const auto leasedWords = [&] {
    std::vector<uint64_t> words;
    for (const Held& h : leases) words.push_back(tagged::make(h.lease.id, word::generation(h.lease.word)));
    return words;
  };
  const auto randomItem = [&] { return Item{tag++, random() % maxLength}; };
  const auto bytesOf = [](const Item& item) {
    std::vector<uint8_t> data(item.length);
    fillPattern(data.data(), item.length, item.tag);
    return data;
  };
  const auto expectSame = [&](const std::vector<Got>& got, size_t from) {
    for (size_t i = 0; i < got.size(); ++i) {
      const Item& item = model[from + i];
      ASSERT_EQ(got[i].bytes.size(), item.length);
      if (item.length >= 8) {
        ASSERT_EQ(patternTag(got[i].bytes.data()), item.tag);
      }
      ASSERT_TRUE(wholePattern(got[i].bytes.data(), item.length));
    }
  };
  const auto expected = [&](Ring& ring, const Item& item) {
    if (model.size() >= options.maxRecords) return Status::full;
    return fits(ring, item.length, leasedWords()) ? Status::ok : Status::full;
  };

  for (int step = 0; step < 3000; ++step) {
    const size_t who = random() % members.size();
    Ring& ring = members[who]->ring();
    memory.clock.advance(random() % 3000);
    switch (random() % 14) {
      default: {
        const Item item = randomItem();
        const Status want = expected(ring, item);
        ASSERT_EQ(ring.put(bytesOf(item).data(), item.length, {}, nullptr), want) << "step " << step;
        if (want == Status::ok) {
          model.push_back(item);
          ++published;
        }
        break;
      }
      case 4: {
        std::vector<Item> items(random() % 10);
        std::vector<std::vector<uint8_t>> bytes;
        std::vector<Piece> pieces;
        for (Item& item : items) {
          item = randomItem();
          bytes.push_back(bytesOf(item));
          pieces.push_back(Piece{bytes.back().data(), item.length});
        }
        uint64_t done;
        const Status s = ring.putBatch(pieces.data(), pieces.size(), {}, &done);
        ASSERT_EQ(s, done == items.size() ? Status::ok : Status::full);
        model.insert(model.end(), items.begin(), items.begin() + static_cast<long>(done));
        published += done;
        if (done < items.size()) {
          ASSERT_EQ(expected(ring, items[done]), Status::full) << "stopped too early";
        }
        break;
      }
      case 5:
      case 6:
      case 7: {
        Collect sink;
        const auto n = static_cast<int64_t>(random() % 8);
        ASSERT_EQ(ring.pop(n, sink, nullptr), Status::ok);
        const size_t want = n == 0 ? model.size() : std::min<size_t>(model.size(), static_cast<size_t>(n));
        ASSERT_EQ(sink.got.size(), want);
        expectSame(sink.got, 0);
        model.erase(model.begin(), model.begin() + static_cast<long>(want));
        popped += want;
        break;
      }
      case 8: {
        Collect sink;
        uint64_t from;
        uint64_t next;
        ASSERT_EQ(ring.snapshot(sink, &from, &next), Status::ok);
        ASSERT_EQ(sink.got.size(), model.size());
        ASSERT_EQ(next - from, model.size());
        expectSame(sink.got, 0);
        break;
      }
      case 9: {
        Held held{who, {}};
        const uint64_t oldest = ring.nextSeq() - ring.depth();
        if (ring.depth() > 0 && ring.lease(oldest + random() % ring.depth(), held.lease) == Status::ok) {
          leases.push_back(held);
        }
        break;
      }
      case 10:
        if (!leases.empty()) {
          const size_t i = random() % leases.size();
          ASSERT_TRUE(wholePattern(leases[i].lease.data, leases[i].lease.record.length));
          members[leases[i].who]->ring().unlease(leases[i].lease);
          leases.erase(leases.begin() + static_cast<long>(i));
        }
        break;
      case 11: {
        Open open{who, {}, randomItem()};
        const Status want = expected(ring, open.item);
        const Status s = ring.loan(open.item.length, 64, open.loan);
        if (s == Status::loanLimit) break;
        ASSERT_EQ(s, want);
        if (s == Status::ok) loans.push_back(open);
        break;
      }
      case 12:
        if (!loans.empty()) {
          const size_t i = random() % loans.size();
          Open open = loans[i];
          Ring& owner = members[open.who]->ring();
          fillPattern(open.loan.data, open.item.length, open.item.tag);
          const Status want = model.size() >= options.maxRecords ? Status::full : Status::ok;
          if (random() % 4 == 0) {
            ASSERT_EQ(owner.discard(open.loan), Status::ok);
          } else {
            ASSERT_EQ(owner.commit(open.loan, open.item.length, {}, nullptr), want);
            if (want == Status::full) break;
            model.push_back(open.item);
            ++published;
          }
          loans.erase(loans.begin() + static_cast<long>(i));
        }
        break;
      case 13: {
        members[who]->die();
        members[who] = std::make_unique<Member>(memory);
        ASSERT_EQ(members[who]->joined, Status::ok);
        // The newcomer took the place of the dead: what that held is free.
        const auto his = [&](const auto& x) { return x.who == who; };
        leases.erase(std::remove_if(leases.begin(), leases.end(), his), leases.end());
        loans.erase(std::remove_if(loans.begin(), loans.end(), his), loans.end());
        members[who]->ring().reapDead();
        break;
      }
    }
    if (HasFatalFailure()) return;
    Ring& after = members[who]->ring();
    ASSERT_EQ(audit(after), "") << "after step " << step;
    ASSERT_EQ(after.depth(), model.size());
    const Counters c = after.counters();
    ASSERT_EQ(c.published, first - 1 + published);
    ASSERT_EQ(c.popped, first - 1 + popped);
    ASSERT_EQ(c.evicted + c.expired, 0u);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, QueueProperty, ::testing::Range<uint64_t>(1, kSlow ? 9 : 31));

}  // namespace
