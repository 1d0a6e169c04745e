/* Numbers for people; see the study's. */
#ifndef CPNS_CLI_HUMAN_H
#define CPNS_CLI_HUMAN_H

#include "sim/study/human.h"

#endif
