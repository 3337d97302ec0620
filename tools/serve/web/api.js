// Requests to the server, with the token of the link.

const token = new URLSearchParams(location.search).get('token') ?? '';

export function address(path, parameters) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters ?? {}))
    if (value !== undefined && value !== null && value !== '') query.set(name, value);
  query.set('token', token);
  return `/api/${path}?${query}`;
}

export class ApiError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

async function answer(response) {
  let body = null;
  try {
    body = await response.json();
  } catch (failure) {
    if (failure.name === 'AbortError') throw failure;
    throw new ApiError('broken', `The server answered ${response.status}, and no JSON.`);
  }
  if (body.error) throw new ApiError(body.error.code, body.error.message);
  return body;
}

async function send(url, options) {
  try {
    return await answer(await fetch(url, options));
  } catch (failure) {
    if (failure instanceof TypeError)
      throw new ApiError('stopped', 'The server does not answer. Start eventure serve again, and open its link.');
    throw failure;
  }
}

export const ask = (path, parameters, signal) => send(address(path, parameters), {signal});

export const post = (path, parameters, body, signal) => send(address(path, parameters), {method: 'POST', body, signal});

export const isAbort = (failure) => failure.name === 'AbortError';
