// libqrencode for Swift, as it is. The header stands here because a module map can't look for one in the system's paths.

#pragma once
#include <qrencode.h>
