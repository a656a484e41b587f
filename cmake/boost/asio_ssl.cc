// SPDX-License-Identifier: Apache-2.0
//
// Boost.Asio's TLS streams, compiled once for the whole program.
#include <boost/asio/ssl/impl/src.hpp>
