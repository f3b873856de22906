// Sockets that a worker of a sandbox class may make.
#pragma once

#include <linux/netlink.h>
#include <optional>
#include <span>
#include <sys/socket.h>

#include "providers/token_worker/worker_settings.h"

namespace strongroom {

struct SocketKind {
  unsigned family;
  std::optional<unsigned> protocol{};  // of those of the family, this one alone
};

// libusb hears of devices by netlink, look-ups of names ask it for addresses; it has other
// protocols, which look into sockets of others, audit and packet filters.
inline std::span<const SocketKind> sockets_of(token_worker::Sandbox sandbox) {
  using token_worker::Sandbox;
  static constexpr SocketKind kPcsc[] = {{AF_UNIX}};
  static constexpr SocketKind kUsb[] = {{AF_NETLINK, NETLINK_KOBJECT_UEVENT}};
  static constexpr SocketKind kNetwork[] = {{AF_INET}, {AF_INET6}, {AF_NETLINK, NETLINK_ROUTE}};
  switch (sandbox) {
    case Sandbox::Files: return {};
    case Sandbox::Pcsc: return kPcsc;
    case Sandbox::Usb: return kUsb;
    case Sandbox::Network: return kNetwork;
  }
  return {};
}

}  // namespace strongroom
