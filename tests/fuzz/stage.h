/* Two PNEs, their PN GW and a CPNS Server, played by a script of octets that does what users, a bad network and an
 * attacker do. The machines are honest and hold passwords, Temporary Keys and sessions that the script does not know;
 * it may lose, delay, repeat, change and invent what comes to one of them.
 *
 * The first octet is the setting, counted from '0': 1 hardened, 2 with a challenge, 4 without secrets (and sessions),
 * 8 with jitter, 16 step 0 is to be run, 32 merged triggers, one KEK and discovery, 64 and more: EUKey sets, of what
 * kind `sets` in stage.c says. Then
 * operations, a letter and its arguments, an octet each, counted from '0' too. i is a message in flight, the oldest
 * is 0; h is one of those that were ever sent, the newest is 0; p is a PNE, e an entity (2: the PN GW); u is a user,
 * w a password; all wrap around.
 *
 *   s p u w   a user starts at a PNE (6.3.1)          d i       it arrives
 *   t p u w   ... has it triggered (6.3.2.1)          l i       it is lost
 *   f p u w   ... asked for (6.3.2.2)                 c h       it is repeated
 *   j p u w t ... by another's name, or nobody's
 *   a u w     ... asks for the PN GW (6.3.3)          x i o v   attack: octet o is changed by v
 *   r e k u w ... registers                           m i f k v attack: field f is k = 0 removed, 1 filled with v,
 *   u e u w   an entity uses its key, or the PN GW
 *             what u and w say while it has none
 *   w n       wait n * 100 ms                                   2 changed, 3 taken from another message
 *   W n       wait n * 10 s                           y i t     attack: its type is t
 *   k m n     machine m takes n * 100 ms to work      n i h     attack: its transaction is that of h
 *   z m       machine m (2: the PN GW) starts again
 *   o l       a session is gone, l = 0 at the server,
 *             1 at the PN GW, 2 + p at the PNE, 4 + p
 *             at the PN GW, with the PNE
 *   e         timers are asked before their time      g p t v h attack: a message of type t with all it must and,
 *                                                               v odd, may have, in the transaction of h
 *                                                     b p n ... attack: n octets as they stand
 *
 * All else is skipped. Before a wait ends, whatever is due in it runs. Checked after each call:
 *   - nothing is stored by an entity that the server did not issue for it, and nothing is issued without a proof that
 *     an honest machine made and that verifies (but for the literal 6.3.2.1, which has none), nor to somebody else
 *     than the owner where that is checked;
 *   - nothing is issued for a PNE while the WAN leg's session is wanting;
 *   - each end of a leg has no session key but one that hangs on the leg's secret and on nonces that honest machines
 *     have made: the server's, and one that the PN GW has asked for a session with; the PN GW's and the PNE's;
 *   - there are at most CPNS_PENDING_MAX pending keys;
 *   - the server takes no use without a proof that an honest machine made, and confirms no key without one; no entity
 *     believes in a success that the server has not told it;
 *   - a machine that is at work has a deadline, which has not passed, unless it waits for another task's step 0; one
 *     that is not has none; no other entity's deadline changes without out.others;
 *   - a duplicate is answered in the same octets, and is taken for one;
 *   - what goes out is well-formed; what is turned away sends and stores nothing. */
#ifndef TESTS_FUZZ_STAGE_H
#define TESTS_FUZZ_STAGE_H

#include <stddef.h>
#include <stdint.h>

/* Whom the script attacks. */
enum stage_target { STAGE_PNE, STAGE_GW, STAGE_SERVER };

void stage_play(enum stage_target target, const uint8_t *script, size_t n);

#endif
