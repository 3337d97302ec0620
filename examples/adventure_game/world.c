/*
 * The fixed facts of Lantern Rock. For another story, start by changing this file.
 */
#include <string.h>

#include "world.h"

const char *const direction_names[DIRECTIONS] = {"north", "south", "east", "west"};

const room rooms[ROOMS] = {
    [JETTY] = {"jetty",
               "Jetty",
               "Tarred planks, three mooring rings and no boat: the one that brought you is a speck by now. The "
               "lighthouse stands over you with its eye shut. Its door is north; the shingle begins west.",
               {KITCHEN, NONE, NONE, BEACH},
               1,
               3},
    [BEACH] = {"beach",
               "Shingle beach",
               "Every wave rakes the stones and puts them back where they were. A garden wall rises north, the jetty "
               "is east, and south the cliff opens into a hole as dark as the inside of a boot.",
               {GARDEN, CAVE, JETTY, NONE},
               0,
               3},
    [CAVE] = {"cave",
              "Sea cave",
              "Your lantern finds wet walls, and cups and saucers set out on every ledge. Somebody here collects. The "
              "beach is north.",
              {BEACH, NONE, NONE, NONE},
              0,
              4},
    [GARDEN] = {"garden",
                "Keeper's garden",
                "Cabbages that nobody picked have gone to flower and lean away from the wind, all of them, like people "
                "hearing gossip. A gate leads south, a low door east into the kitchen.",
                {NONE, BEACH, KITCHEN, NONE},
                0,
                2},
    [KITCHEN] = {"kitchen",
                 "Kitchen",
                 "A table laid for one, a stove gone cold, and a calendar on which three nights are not crossed out. "
                 "Doors lead everywhere: the stair north, the jetty south, the cellar east, the garden west.",
                 {STAIR, JETTY, CELLAR, GARDEN},
                 1,
                 2},
    [CELLAR] = {"cellar",
                "Oil cellar",
                "Casks in a row, each with a number and a courteous warning. The one door is west.",
                {NONE, NONE, NONE, KITCHEN},
                2,
                2},
    [STAIR] = {"stair",
               "Winding stair",
               "Ninety-one steps go round the inside of the tower, and every shutter on the way is loose. The lamp "
               "room is at the top, north on your map; the kitchen is south.",
               {LAMP_ROOM, KITCHEN, NONE, NONE},
               1,
               1},
    [LAMP_ROOM] = {"lamp_room",
                   "Lamp room",
                   "Glass all round, and the sea behind it. In the middle stands the great lamp, brass polished, wick "
                   "trimmed, bowl empty. The stair is south.",
                   {NONE, STAIR, NONE, NONE},
                   1,
                   0},
};

const item items[ITEMS] = {
    [LANTERN] = {"lantern", "a storm lantern", "It has a full tank and one cracked pane. Carried, it gives light.",
                 JETTY, 0, 0},
    [OAR] = {"oar", "half an oar", "The better half. It swings well.", BEACH, 2, 0},
    [BREAD] = {"bread", "a heel of bread", "Three days old, and stubborn. Use it to eat it.", KITCHEN, 0, 6},
    [BOATHOOK] = {"boathook", "a boathook", "Two arms longer than your own arm. Nobody argues with it for long.",
                  GARDEN, 4, 0},
    [TEA] = {"tea", "a flask of tea", "Still hot, against all expectation. Use it to drink it.", CELLAR, 0, 12},
    [KEY] = {"key", "an iron key", "The tag says STAIR in the keeper's small capitals.", WITH_AN_ENEMY, 0, 0},
    [WHISTLE] = {"whistle", "a bosun's whistle", "Loud enough to make anybody stop and think.", WITH_AN_ENEMY, 0, 0},
    [EMBER] = {"ember", "the ember", "It glows like a small, patient evening. It belongs in the lamp.", WITH_AN_ENEMY,
               0, 0},
};

const enemy enemies[ENEMIES] = {
    [GOOSE] = {"goose", "the goose",
               "A goose of great conviction patrols the cabbages. She wears a key on a string round her neck.",
               "The goose goes for your shins.", "Feathers fly.",
               "The goose remembers an engagement elsewhere, and leaves with dignity.", GARDEN, 6, 3, KEY},
    [DRAUGHT] = {"draught", "the Draught",
                 "The Draught is at home: you cannot see it, but it sees to your collar and your ears, whistling.",
                 "The Draught throws a shutter at you.", "You bang a shutter shut on it.",
                 "The last shutter is shut. The Draught goes out under the door with a sigh, and drops its whistle.",
                 STAIR, 9, 4, WHISTLE},
    [CRAB] = {"crab", "the kettle crab",
              "A crab as broad as a washtub wears a copper kettle for a hat. Something in the kettle glows.",
              "The crab shakes hands with your ankle.", "The kettle rings like a bell.",
              "The crab raises both claws, bows, and departs sideways. It leaves the kettle.", CAVE, 14, 5, EMBER},
};

const barrier barriers[BARRIERS] = {
    {KITCHEN, NORTH, KEY, NONE, "The stair door is locked, and the keyhole is large and hopeful."},
    {BEACH, SOUTH, LANTERN, NONE, "Three steps in you cannot see your own hands. You would want a light."},
    {STAIR, NORTH, NONE, DRAUGHT, "The Draught leans on the upper door, and leans harder than you."},
};

int room_named(const char *name)
{
    for (int i = 0; i < ROOMS; i++)
        if (strcmp(rooms[i].name, name) == 0)
            return i;
    return NONE;
}

int item_named(const char *name)
{
    for (int i = 0; i < ITEMS; i++)
        if (strcmp(items[i].name, name) == 0)
            return i;
    return NONE;
}

int enemy_named(const char *name)
{
    for (int i = 0; i < ENEMIES; i++)
        if (strcmp(enemies[i].name, name) == 0)
            return i;
    return NONE;
}
