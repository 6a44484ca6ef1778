/** Room for what floats at the lower edge of the window: the bar of running jobs, and messages. */

const page = document.documentElement.style;

function set(name, pixels) {
  page.setProperty(name, `${Math.ceil(pixels)}px`);
}

/** The height of the bar with its lower margin; 0 if it is hidden. */
function barRoom(bar) {
  const height = bar?.offsetHeight ?? 0;
  return height > 0 ? height + parseFloat(getComputedStyle(bar).marginBlockEnd) : 0;
}

/** The height of all messages with the gaps around them; the frame in which they lie is higher. */
function messagesRoom(messages) {
  const heights = Array.from(messages.children, (message) => message.offsetHeight);
  const gap = parseFloat(getComputedStyle(messages).rowGap) || 0;
  return heights.reduce((sum, height) => sum + height + gap, heights.length > 0 ? 2 * gap : 0);
}

/**
 * Keep the page's custom properties up to date: --messages-height, --bar-height, and
 * --messages-end, the distance of the messages from the lower edge. That one does not become
 * smaller while there are messages: they stay where they are when the bar disappears.
 */
export function keepRoom(messages, bar = null) {
  let end = 0;
  const update = () => {
    const below = barRoom(bar);
    end = messages.childElementCount > 0 ? Math.max(end, below) : below;
    set("--bar-height", below);
    set("--messages-height", Math.min(messagesRoom(messages), messages.offsetHeight));
    set("--messages-end", end);
  };
  const observer = new ResizeObserver(update);
  observer.observe(messages);
  new MutationObserver(update).observe(messages, { childList: true });
  if (bar) observer.observe(bar);
}
