// SPDX-License-Identifier: Apache-2.0
//
// Boost.Beast (HTTP), compiled once for the whole program.
#include <boost/beast/src.hpp>
