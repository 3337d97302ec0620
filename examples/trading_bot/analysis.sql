-- What the bot did, asked of its own history. Prices are in cents.

-- Profit and loss: what the portfolio was worth after its last change, against the cash it began with.
SELECT (SELECT data ->> 'cash' FROM events WHERE type = 'bot.started') AS began_with,
       (SELECT data ->> 'worth' FROM events WHERE type = 'portfolio.changed' ORDER BY seq DESC LIMIT 1) AS worth,
       (SELECT data ->> 'worth' FROM events WHERE type = 'portfolio.changed' ORDER BY seq DESC LIMIT 1) -
       (SELECT data ->> 'cash' FROM events WHERE type = 'bot.started') AS profit;

-- Fills by share and side, with their average price.
SELECT data ->> 'symbol' AS symbol,
       data ->> 'side' AS side,
       count(*) AS fills,
       sum(data ->> 'quantity') AS quantity,
       sum((data ->> 'quantity') * (data ->> 'price')) / sum(data ->> 'quantity') AS average_price
  FROM events
 WHERE type = 'order.filled'
 GROUP BY symbol, side
 ORDER BY symbol, side;

-- Signals, and how many of them led to no fill: no event of the type order.filled among their effects' effects.
SELECT count(*) AS signals,
       count(*) FILTER (WHERE NOT EXISTS (SELECT 1
                                            FROM events AS placed JOIN events AS filled ON filled.parent_seq = placed.seq
                                           WHERE placed.parent_seq = signal.seq AND filled.type = 'order.filled'))
           AS without_fill
  FROM events AS signal
 WHERE signal.type = 'strategy.signal';
