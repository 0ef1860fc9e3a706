/** 256 short words that can be read over a bad line and typed by anybody: one for each value of a byte. No two begin with the same four letters. */
export const WORDS: readonly string[] = `
acid acorn actor album alley amber anchor angle ankle apple apron arch armor arrow atlas attic
badge bagel balm bamboo banjo barn basil beach beaver bell bench berry bison blade blanket bolt
bonus boot bottle bowl brave bread brick bronze brush bucket bulb bunny butter cabin cactus camel
canal candle canoe carbon castle cedar cello chalk cherry chess cider circus clay clover coast cobalt
cocoa comet copper coral cotton crab crane crisp crown cube curtain daisy delta denim desert diamond
diner dolphin donkey door dragon drum dune eagle earth echo elbow elm engine fabric falcon fence
fern ferry fiddle field flame flute fossil fox frost galaxy garden garlic gecko ghost ginger glacier
globe glove gold goose grape gravel guitar hammer harbor hazel helmet heron honey hotel igloo iris
iron island ivory jacket jaguar jelly jigsaw jungle kayak kettle kitten koala ladder lagoon lamp
laser lemon lentil lily linen lizard lobster lotus lunar magnet mango maple marble meadow melon
mint mirror monkey mosaic motor mustard napkin nectar needle nickel noodle nutmeg oasis ocean olive
onion opal orbit orchid otter oyster paddle panda paper parrot peach pebble pencil pepper piano
pigeon pillow pine planet plum pocket polar pony potato prism pumpkin puzzle quartz quilt rabbit
radar raven ribbon river robin rocket rose ruby saddle salmon sand satin scarf shell silver snow
soap socket spider spoon squid storm sugar sunset swan table tango temple tiger timber toast
tomato torch tulip tunnel turtle umbrella valley vanilla velvet violin volcano wagon walnut water
whale willow window winter wolf yacht yogurt zebra
`
  .trim()
  .split(/\s+/);
