#pragma once

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <functional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "children.hpp"
#include "clock.hpp"
#include "futex.hpp"
#include "kill-board.hpp"

namespace rmq::ring::test {

constexpr int kSkipped = 77;

struct KillFuzzOptions {
  uint64_t amount;  // of seconds, or kills
  uint64_t seed = 1;
  size_t children = 4;
  bool asInit = false;

  // False: not understood.
  bool parse(int argc, char** argv, const char* amountFlag) {
    for (int i = 1; i < argc; ++i) {
      const bool more = i + 1 < argc;
      if (strcmp(argv[i], "--init") == 0) asInit = true;
      else if (more && strcmp(argv[i], amountFlag) == 0) amount = strtoull(argv[++i], nullptr, 10);
      else if (more && strcmp(argv[i], "--seed") == 0) seed = strtoull(argv[++i], nullptr, 10);
      else if (more && strcmp(argv[i], "--children") == 0) children = strtoull(argv[++i], nullptr, 10);
      else return false;
    }
    return true;
  }
};

// Children that live until they are killed, at random moments or frozen at random
// steps.
class KillLanes {
 public:
  struct Life {
    // In the child; returns only if something is wrong.
    std::function<int(size_t lane, uint64_t seed)> live;
    // In the parent, when the lane's child is dead and has no successor yet.
    std::function<void(size_t lane)> died = [](size_t) {};
    // The same while the other lanes live on.
    std::function<void()> meanwhile = [] {};
  };

  KillLanes(const KillFuzzOptions& options, std::mt19937_64& random, Life life)
      : asInit_(options.asInit), random_(random), life_(std::move(life)), lanes_(options.children) {
    for (auto& lane : lanes_) lane.board = sharedByFork<KillBoard>();
  }

  // Says so, and why, where there are none.
  static bool pidNamespacesExist() {
    Child probe;
    if (probe.start([] { return getpid() == 1 ? 0 : 1; }, true) && probe.wait() == 0) return true;
    printf("SKIPPED: no pid namespaces here (%s)\n", strerror(errno));
    return false;
  }

  // All lanes live, some die and have successors, and in the end everybody is dead.
  // False: a child could not be started (errno).
  bool round(uint64_t patienceNs) {
    for (size_t i = 0; i < lanes_.size(); ++i) {
      if (!start(i)) return false;
    }
    for (int deaths = 0; deaths < 60; ++deaths) {
      const size_t i = random_() % lanes_.size();
      awaitStep(*lanes_[i].board, random_() % patienceNs);
      kill(i);
      life_.meanwhile();
      if (!start(i)) return false;
    }
    for (size_t i = 0; i < lanes_.size(); ++i) kill(i);
    return true;
  }

  bool someoneFrozen() const {
    for (const auto& lane : lanes_) {
      if (lane.child.running() && lane.board->frozen.load() != 0) return true;
    }
    return false;
  }
  uint64_t kills() const { return kills_; }
  // "7 kills (3 at 2 different steps)"
  std::string tally() const {
    return std::to_string(kills_) + " kills (" + std::to_string(atSteps_) + " at " + std::to_string(steps_.size()) +
           " different steps)";
  }

 private:
  struct Lane {
    Child child;
    KillBoard* board = nullptr;
  };

  bool start(size_t i) {
    Lane& lane = lanes_[i];
    lane.board->disarm();
    lane.board->frozen.store(0);
    if (random_() % 5 != 0) {
      const int step = static_cast<int>(random_() % kSteps);
      lane.board->aim(step, 1 + static_cast<uint32_t>(random_() % (random_() % 4 ? 12 : 200)));
    }
    const uint64_t seed = random_();
    return lane.child.start(
        [&] {
          watchSteps(lane.board);
          return life_.live(i, seed);
        },
        asInit_);
  }
  void awaitStep(KillBoard& board, uint64_t patienceNs) {
    const uint64_t begin = clock_.nowNs();
    while (board.frozen.load() == 0 && clock_.nowNs() - begin < patienceNs) futexWait(board.frozen, 0, patienceNs);
  }
  void kill(size_t i) {
    const uint32_t frozen = lanes_[i].board->frozen.load();
    if (frozen != 0) {
      ++atSteps_;
      steps_.insert(frozen - 1);
    }
    lanes_[i].child.kill();
    ++kills_;
    life_.died(i);
  }

  const bool asInit_;
  std::mt19937_64& random_;
  Life life_;
  MonotonicClock clock_;
  std::vector<Lane> lanes_;
  std::set<uint32_t> steps_;
  uint64_t kills_ = 0;
  uint64_t atSteps_ = 0;
};

}  // namespace rmq::ring::test
