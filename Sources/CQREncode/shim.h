// libqrencode for Swift. The header is here because a module map cannot search the system's include paths.

#pragma once
#include <qrencode.h>
