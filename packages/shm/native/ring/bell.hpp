#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "core.hpp"

namespace rmq::ring {

constexpr gid_t kNoGroup = static_cast<gid_t>(-1);

std::string bellPath(const std::string& directory, uint64_t nonce0, uint64_t nonce1);

// A FIFO with an unguessable name. Its owner watches fd() in an event loop; one
// bell serves every ring that one environment waits on.
class Bell {
 public:
  Bell() = default;
  ~Bell() { close(); }
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;

  // group: who else may ring (0660); kNoGroup: only this user (0600).
  Status open(const std::string& directory, gid_t group, Diagnosis& diagnosis);
  void close();
  // Keeps the file, hands the descriptor over to someone who will close it.
  int detachFd();

  int fd() const { return fd_; }
  uint64_t nonce0() const { return nonce_[0]; }
  uint64_t nonce1() const { return nonce_[1]; }
  const std::string& path() const { return path_; }
  // Empties the pipe; returns how many rings there were.
  uint32_t drain();

 private:
  int fd_ = -1;
  uint64_t nonce_[2] = {0, 0};
  std::string path_;
};

// The writers' side: opens bells on first use and keeps them open.
class FifoBellTower final : public BellTower {
 public:
  // group: bells of other users count only if they belong to this group.
  FifoBellTower(std::string directory, gid_t group, uint32_t participants);
  ~FifoBellTower() override;
  void ring(uint32_t participant, uint64_t nonce0, uint64_t nonce1) override;
  void removeDead(uint64_t nonce0, uint64_t nonce1) override;

 private:
  struct Rope {
    uint64_t nonce0 = 0;
    uint64_t nonce1 = 0;
    int fd = -1;
  };
  int openBell(uint64_t nonce0, uint64_t nonce1) const;

  std::string directory_;
  gid_t group_;
  uint32_t participants_;
  std::unique_ptr<Rope[]> ropes_;
};

}  // namespace rmq::ring
